namespace Pipeline.Shards.Format;

/// <summary>Turns what a decoder throws over bytes in memory into <see cref="ShardDamagedException"/>. Never put a call to the store inside.</summary>
internal static class Damage
{
    public static T Guard<T>(string uri, Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw new ShardDamagedException(uri, Finding(error), error);
        }
    }

    public static async Task<T> GuardAsync<T>(string uri, Func<Task<T>> decode)
    {
        try
        {
            return await decode();
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw new ShardDamagedException(uri, Finding(error), error);
        }
    }

    private static bool IsDamage(Exception error) => error is not (OperationCanceledException or ShardDamagedException);

    private static string Finding(Exception error) =>
        error is InvalidDataException ? error.Message : $"it cannot be decoded ({error.GetType().Name}: {error.Message})";
}
