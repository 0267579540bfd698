using System.Globalization;
using System.Runtime.InteropServices;
using Dispatch.Workers.Guard;
using GuardHost;

// A guard for tests: DIR, how many milliseconds its worker may stay away, a file to which kills of containers are written, and `no-cgroups`.
using var ending = new CancellationTokenSource();
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    ending.Cancel();
});
var options = new GuardOptions
{
    DataDirectory = args[0],
    WorkerAwayMax = TimeSpan.FromMilliseconds(int.Parse(args[1], CultureInfo.InvariantCulture)),
    UseCgroups = !args.Contains("no-cgroups"),
    ContainerKiller = args.Length > 2 ? new FileKiller(args[2]) : null,
};
return await GuardProgram.RunAsync(options, ending.Token);
