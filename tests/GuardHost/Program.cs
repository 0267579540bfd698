using Dispatch.Workers.Guard;

// A guard for tests: DIR, and how many milliseconds its worker may stay away.
return await GuardProgram.RunAsync(
    new GuardOptions { DataDirectory = args[0], WorkerAwayMax = TimeSpan.FromMilliseconds(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)) },
    CancellationToken.None);
