// These tests wait far more than they compute: collections, each with a stack of its own, run side by side. Dispatch runs on Linux only.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
