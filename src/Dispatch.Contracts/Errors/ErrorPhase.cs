namespace Dispatch.Contracts.Errors;

/// <summary>The phase of a job's life in which an error arises.</summary>
public enum ErrorPhase
{
    /// <summary>Before the job is accepted.</summary>
    Submit,

    /// <summary>While a worker is sought.</summary>
    Place,

    /// <summary>While the job is handed to its worker.</summary>
    Send,

    /// <summary>While the image is fetched.</summary>
    Pull,

    /// <summary>While the container is made.</summary>
    Create,

    /// <summary>In an init step.</summary>
    Init,

    /// <summary>While the workload is started.</summary>
    Start,

    /// <summary>While the workload runs.</summary>
    Run,

    /// <summary>While output is collected.</summary>
    Logs,

    /// <summary>While the container is removed.</summary>
    Remove,

    /// <summary>In a control (stop, extend, pause and the like).</summary>
    Control,
}
