namespace Pipeline.Models.Hub.Download;

/// <summary>Which hub is asked, and how.</summary>
public sealed record HubSettings
{
    private const string DefaultEndpoint = "https://huggingface.co";
    private const string EndpointVariable = "HF_ENDPOINT";
    private const string TokenVariable = "HF_TOKEN";
    private const int MostTokenLetters = 4096;

    /// <summary>The hub's address, without a path's slash at its end.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The token that is sent to the endpoint and to no other host; null for none. Never written anywhere.</summary>
    public string? Token { get; init; }

    /// <summary>Waits before the hub is asked again.</summary>
    public Func<TimeSpan, CancellationToken, Task> Pause { get; init; } = Task.Delay;

    /// <summary>In which the hub must answer, or send something more; then the connection counts as cut. A minute, above what a slow mirror needs.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Times that something is tried without a byte more coming; then it fails.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The longest wait that the hub may ask for; more is told to the person, who comes back later.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Free bytes on the disk of a folder.</summary>
    public Func<string, long> FreeBytes { get; init; } = static folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>As <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c>, <c>HF_TOKEN_PATH</c> and <c>HF_HOME</c> say.</summary>
    /// <exception cref="HubException">A variable, or the token's file, is not as it must be.</exception>
    public static HubSettings OfProcess() => Of(Environment.GetEnvironmentVariable);

    /// <summary>As these variables say.</summary>
    /// <param name="variable">Gives a variable; null for one that is not set.</param>
    /// <exception cref="HubException">A variable, or the token's file, is not as it must be.</exception>
    public static HubSettings Of(Func<string, string?> variable)
    {
        string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;
        return new HubSettings { Endpoint = EndpointOf(Get(EndpointVariable) ?? DefaultEndpoint), Token = TokenOf(Get) };
    }

    /// <summary>Whether an address may be asked: only by an encrypted connection, unless it is on this machine.</summary>
    internal static bool IsSafe(Uri address) =>
        address.IsAbsoluteUri
        && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    private static Uri EndpointOf(string text) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var address)
        && IsSafe(address)
        && address.Query.Length + address.Fragment.Length == 0
            ? address
            : throw new HubException(
                $"{EndpointVariable} is '{text}'; it must be an https address, without a user's name, or http on this machine. Correct the variable."
            );

    private static string? TokenOf(Func<string, string?> get)
    {
        if (get(TokenVariable) is { } given)
        {
            return Checked(given.Trim(), TokenVariable);
        }

        var home =
            get("HF_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface");
        var named = get("HF_TOKEN_PATH");
        var path = named ?? Path.Combine(home, "token");
        if (!File.Exists(path))
        {
            return named is null
                ? null
                : throw new HubException(
                    $"HF_TOKEN_PATH is {named}, where no file is; it must be a file that holds a token. Correct the variable."
                );
        }

        return new FileInfo(path).Length > MostTokenLetters ? Checked(" ", path) : Checked(File.ReadAllText(path).Trim(), path);
    }

    /// <summary>A token goes into a header line.</summary>
    private static string Checked(string token, string where) =>
        token.Length is > 0 and <= MostTokenLetters && token.All(letter => letter is > ' ' and < '\u007f')
            ? token
            : throw new HubException(
                $"The token of {where} is not one line of printable letters; it must be a token of the hub. Correct it."
            );
}
