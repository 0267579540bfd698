namespace Dispatch.Interop.Tests.Recordings;

/// <summary>A test that plays a recorded scenario and bears its name.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ScenarioAttribute : FactAttribute
{
    public ScenarioAttribute(string name)
    {
        DisplayName = name;
        Skip = Recorded.Missing;
    }
}

/// <summary>A test that needs the recordings.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RecordedFactAttribute : FactAttribute
{
    public RecordedFactAttribute() => Skip = Recorded.Missing;
}

/// <summary>A test with several cases that needs the recordings.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RecordedTheoryAttribute : TheoryAttribute
{
    public RecordedTheoryAttribute() => Skip = Recorded.Missing;
}
