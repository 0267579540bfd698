namespace Dispatch.Engine.Visibility;

internal sealed class VisibilityHandlers
{
    public VisibilityHandlers(EngineServices services)
    {
        _ = services;
    }
}
