// Scenarios wait far more than they compute; each has an engine of its own. Dispatch runs on Linux only.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
