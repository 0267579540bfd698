using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;

namespace Dispatch.Contracts.Tests.Errors;

public class ErrorCatalogueTests
{
    /// <summary>The product's list, in its words.</summary>
    private static readonly string[] Product =
    [
        "AlreadyRunning", "AlreadyStopping", "JobAlreadyExists", "JobNotFound", "MaxConcurrentJobs", "ImageNotFound", "ImageInvalid", "ImageNotCompatible",
        "InvalidJobSpec", "NotAdmitted", "NoEligibleWorker", "QueueTimeout", "WorkerLost", "WorkerUnreachable", "StaleLease", "PullFailed", "InitFailed",
        "StartFailed", "ExecutionTimeout", "OutOfMemory", "NonZeroExit", "Cancelled", "Poisoned", "RegistryUnavailable", "RuntimeUnavailable", "CannotResume",
        "InternalError",
    ];

    [Fact]
    public void The_catalogue_has_exactly_the_products_codes_in_its_order() => Assert.Equal(Product, ErrorCatalogue.All.Select(entry => entry.Code.ToString()));

    [Fact]
    public void Every_code_has_a_title_a_remedy_and_an_http_status()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            var entry = ErrorCatalogue.Of(code);
            Assert.Equal(code, entry.Code);
            Assert.EndsWith(".", entry.Title, StringComparison.Ordinal);
            Assert.EndsWith(".", entry.Remedy, StringComparison.Ordinal);
            Assert.InRange(entry.HttpStatus, 400, 599);
        }
    }

    [Fact]
    public void A_code_is_read_by_its_exact_name_and_anything_else_is_an_internal_error()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
            Assert.Equal(code, ErrorCatalogue.Parse(code.ToString()));
        Assert.All((string?[])[null, "", "workerlost", "3", "Nonsense"], name => Assert.Equal(ErrorCode.InternalError, ErrorCatalogue.Parse(name)));
    }

    [Fact]
    public void A_problem_carries_the_catalogues_words_and_the_fields()
    {
        var problem = Problem.Of(ErrorCode.InvalidJobSpec, "2 fields are wrong", [new("image", null, "is missing")]);
        var json = System.Text.Json.JsonSerializer.Serialize(problem, DispatchJson.Options);
        Assert.Contains("\"code\":\"InvalidJobSpec\"", json, StringComparison.Ordinal);
        Assert.Contains("\"status\":422", json, StringComparison.Ordinal);
        Assert.Contains("\"errors\":[{\"field\":\"image\",\"message\":\"is missing\"}]", json, StringComparison.Ordinal);
        Assert.Equal(problem.Remedy, System.Text.Json.JsonSerializer.Deserialize<Problem>(json, DispatchJson.Options)!.Remedy);
    }
}
