using Dispatch.Conformance;

if (args is ["--self-test"])
{
    return await SelfTest.RunAsync(Console.Out);
}

if (!Arguments.TryParse(args, out var arguments, out var complaint))
{
    Console.Error.WriteLine(complaint);
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

return await new Run(arguments, Console.Out).PlayAsync();
