namespace Pipeline.Sdk;

/// <summary>Marks an option that cannot change what a stage writes (workers, prefetch), so that it stays out of the stage's fingerprint.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ContentNeutralAttribute : Attribute;
