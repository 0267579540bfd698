using Dispatch.Cli;

return await CliProgram.RunAsync(args).ConfigureAwait(false);
