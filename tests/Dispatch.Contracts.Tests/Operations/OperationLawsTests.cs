using CsCheck;
using Dispatch.Contracts.Operations;
using static Dispatch.Contracts.Tests.Operations.Ops;

namespace Dispatch.Contracts.Tests.Operations;

public class OperationLawsTests
{
    private static readonly Operation[] TwoAttempts =
        [Opened(), Selected(2, 1), Sent(3, 1, 1), Sent(4, 1, 2), Exited(5, 1), Selected(6, 2, "w2"), Sent(7, 2, 1, "w2"), Received(8, 2, "w2"), Closed(9, "WorkloadExited", 2)];

    /// <summary>Legal lists of every length: attempts with deliveries, each ended one way or the other.</summary>
    private static readonly Gen<List<Operation>> Legal = Gen.Select(Gen.Int[1, 3], Gen.Bool, (deliveries, exits) => (deliveries, exits)).List[0, 5].Select(attempts =>
    {
        var list = new List<Operation> { Opened() };
        foreach (var (index, (deliveries, exits)) in attempts.Index())
        {
            list.Add(Selected(list.Count + 1, index + 1));
            for (var delivery = 1; delivery <= deliveries; delivery++)
                list.Add(Sent(list.Count + 1, index + 1, delivery));
            list.Add(exits ? Exited(list.Count + 1, index + 1) : Received(list.Count + 1, index + 1));
        }

        list.Add(Closed(list.Count + 1, "WorkloadExited", attempts.Count));
        return list;
    });

    [Fact]
    public void Every_legal_list_passes_and_so_does_every_beginning_of_it() => Legal.Sample(list =>
    {
        Assert.Empty(OperationLaws.Check(list, closed: true));
        for (var length = 0; length < list.Count; length++)
            Assert.Empty(OperationLaws.Check(list[..length], closed: false));
    });

    [Fact]
    public void A_list_with_one_operation_lost_doubled_or_swapped_is_caught() =>
        Gen.Select(Legal, Gen.Int[0, 1_000], Gen.Int[0, 2]).Sample((list, at, how) =>
        {
            var index = at % list.Count;
            var broken = list.ToList();
            if (how == 0)
                broken.RemoveAt(index);
            else if (how == 1)
                broken.Insert(index, list[index]);
            else
                (broken[index], broken[(index + 1) % list.Count]) = (broken[(index + 1) % list.Count], broken[index]);
            Assert.NotEmpty(OperationLaws.Check(broken, closed: true));

            // Numbered anew, a lost delivery may leave a legal list; nothing else does.
            if (how != 0 || list[index].Kind != OperationKind.MessageSent)
                Assert.NotEmpty(OperationLaws.Check([.. broken.Select((op, i) => op with { Sequence = i + 1 })], closed: true));
        });

    [Fact]
    public void A_refused_spec_has_opened_and_closed_only()
    {
        Assert.Empty(OperationLaws.Check([Opened(), Closed(2, "InvalidJobSpec", 0)], closed: true));
        Assert.NotEmpty(OperationLaws.Check([Opened(), Selected(2, 1), Sent(3, 1, 1), Received(4, 1), Closed(5, "InvalidJobSpec", 1)], closed: true));
    }

    [Fact]
    public void An_attempt_may_stay_unfinished_only_where_the_close_says_why()
    {
        Operation[] sent = [Opened(), Selected(2, 1), Sent(3, 1, 1)];
        Assert.Empty(OperationLaws.Check([.. sent, Closed(4, "Cancelled", 1)], closed: true));
        Assert.NotEmpty(OperationLaws.Check([.. sent, Closed(4, "WorkloadExited", 1)], closed: true));
    }

    [Theory]
    [InlineData(1, "worker")]
    [InlineData(3, "attempt")]
    [InlineData(5, "delivery")]
    public void What_does_not_fit_its_attempt_is_told(int which, string says)
    {
        var list = TwoAttempts.ToList();
        list[2] = which switch
        {
            1 => list[2] with { Worker = new("other") },
            3 => list[2] with { Attempt = 9 },
            _ => list[2] with { Delivery = 2 },
        };
        Assert.Contains(OperationLaws.Check(list, closed: true), violation => violation.Sequence == 3 && violation.Text.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_close_a_close_of_an_open_conversation_and_a_wrong_count_are_told()
    {
        Assert.NotEmpty(OperationLaws.Check(TwoAttempts[..8], closed: true));
        Assert.NotEmpty(OperationLaws.Check(TwoAttempts, closed: false));
        Assert.NotEmpty(OperationLaws.Check([.. TwoAttempts[..8], Closed(9, "WorkloadExited", 1)], closed: true));
        Assert.NotEmpty(OperationLaws.Check([.. TwoAttempts[..8], Closed(9, "Bored", 2)], closed: true));
        Assert.NotEmpty(OperationLaws.Check([], closed: true));
    }

    [Fact]
    public void A_history_folds_to_its_operations_and_a_memo_to_those_it_keeps()
    {
        var upserts = TwoAttempts.Select(op => Set(OperationKeys.Of(op.Sequence), OperationJson.Write(op))).ToList();
        upserts.Insert(4, Set("other", [1, 2, 3]));
        upserts.Add(new(OperationKeys.Of(2), null));
        upserts.Add(upserts[0]);

        var folded = OperationFold.Fold(upserts);
        Assert.True(folded.Complete);
        Assert.Equal(TwoAttempts, folded.List);
        Assert.Empty(OperationLaws.Check(folded.List, closed: true));

        var memo = OperationFold.Fold(upserts.Where(entry => entry.Key is not ("dispatch.op.0002")));
        Assert.False(memo.Complete);
        Assert.Equal(8, memo.Operations.Count);
    }

    [Fact]
    public void Entries_that_cannot_be_what_they_say_are_problems()
    {
        var first = OperationJson.Write(Opened());
        var problems = OperationFold.Fold(
        [
            Set("dispatch.op.0001", first), Set("dispatch.op.0001", OperationJson.Write(Opened() with { Pool = "other" })), Set("dispatch.op.0002", first),
            Set("dispatch.op.0003", "{"u8.ToArray()), Set("dispatch.op.x", first),
        ]).Problems;
        Assert.Equal(["dispatch.op.0001", "dispatch.op.0002", "dispatch.op.0003", "dispatch.op.x"], problems.Select(problem => problem.Split(':')[0]));
    }

    private static KeyValuePair<string, ReadOnlyMemory<byte>?> Set(string key, byte[] json) => new(key, json);
}
