namespace Pipeline.Sdk;

/// <summary>Marks an option that a kind in use was given later: at its default the stage does as it did before, so what was written then stays valid.</summary>
/// <remarks>At its default the option stays out of the stage's fingerprint; any other value is part of it.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddedLaterAttribute : Attribute;
