using System.Text.Json;

namespace Pipeline.Models.Hub.Download;

/// <summary>A file as the hub lists it.</summary>
/// <param name="Path">Relative to the repository, with <c>/</c> between its parts.</param>
/// <param name="Size">Bytes; null when the hub does not say.</param>
/// <param name="Hash">64 digits are SHA-256 of its bytes, 40 are the git blob's; null when the hub does not say.</param>
internal sealed record HubFile(string Path, long? Size, string? Hash);

/// <summary>A revision of a repository as the hub lists it.</summary>
/// <param name="Id"><c>org/name</c>.</param>
/// <param name="Commit">The commit that the revision stands for.</param>
/// <param name="Licence">The word that its card has for its licence; null for none.</param>
/// <param name="LicenceLink">Where the licence's text lies; null when the card does not say.</param>
/// <param name="Files">All files, in ordinal order of paths.</param>
internal sealed record HubRepository(string Id, string Commit, string? Licence, string? LicenceLink, IReadOnlyList<HubFile> Files)
{
    private const int MostBytes = 16 << 20;
    private const int MostFiles = 20_000;
    private const int MostPathLetters = 400;

    /// <summary>Lists a revision.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="id"><c>org/name</c>, checked.</param>
    /// <param name="revision">A commit, branch or tag, checked.</param>
    /// <param name="stop">Ends the call.</param>
    public static Task<HubRepository> ReadAsync(HubConnection hub, string id, string revision, CancellationToken stop)
    {
        var what = $"The model {id}@{revision}";
        return hub.RetryAsync(
            what,
            async () =>
            {
                using var answer = await hub.AskAsync(
                    hub.Address($"/api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true"),
                    0,
                    what,
                    stop
                );
                return Parse(await BodyAsync(answer, hub.Settings.Stall, stop), id, what);
            },
            () => 0,
            stop
        );
    }

    /// <summary>Whether a listed path may be written below a folder: no part leads up, is empty or hidden.</summary>
    public static bool IsGood(string path) =>
        path.Length is > 0 and <= MostPathLetters
        && !path.Any(letter => char.IsControl(letter) || letter is '\\' or ':')
        && path.Split('/').All(part => part.Length is > 0 and < 200 && !part.StartsWith('.') && part == part.Trim());

    private static async Task<byte[]> BodyAsync(HubAnswer answer, TimeSpan stall, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(stall);
        try
        {
            await using var body = await answer.Response.Content.ReadAsStreamAsync(limit.Token);
            var bytes = new byte[MostBytes + 1];
            var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, limit.Token);
            return read <= MostBytes
                ? bytes[..read]
                : throw new HubException(
                    $"The hub's list of files is larger than {MostBytes} bytes; it must be smaller. Look at HF_ENDPOINT."
                );
        }
        catch (Exception error)
            when (error is IOException or HttpRequestException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            throw new HubBusyException("the connection was cut", inner: error);
        }
    }

    private static HubRepository Parse(byte[] json, string id, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var commit = Text(root, "sha") ?? "";
            if (!ModelName.IsWord(commit))
            {
                throw new JsonException("sha is no commit");
            }

            var files = root.GetProperty("siblings").EnumerateArray().Take(MostFiles + 1).Select(FileOf).ToList();
            if (files.Count > MostFiles)
            {
                throw new JsonException($"it has more than {MostFiles} files");
            }

            if (files.CountBy(file => file.Path).FirstOrDefault(path => path.Value > 1) is { Key: { } twice })
            {
                throw new JsonException($"it has the file {twice} twice");
            }

            var card = root.TryGetProperty("cardData", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
            return new HubRepository(
                id,
                commit,
                Word(card, "license") ?? TagOf(root),
                Link(Word(card, "license_link")),
                [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)]
            );
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new HubException(
                $"{what} is listed in a form that is not known ({error.Message}); it must be as the hub's API gives it. Look at HF_ENDPOINT.",
                error
            );
        }
    }

    private static HubFile FileOf(JsonElement file)
    {
        var path = Text(file, "rfilename") ?? throw new JsonException("a file has no rfilename");
        var lfs = file.TryGetProperty("lfs", out var large) && large.ValueKind == JsonValueKind.Object ? large : default;
        var hash = Text(lfs, "sha256") ?? Text(lfs, "oid") ?? Text(file, "blobId");
        return new HubFile(path, Number(lfs, "size") ?? Number(file, "size"), IsHash(hash) ? hash?.ToLowerInvariant() : null);
    }

    private static bool IsHash(string? hash) => hash is { Length: 40 or 64 } && hash.All(char.IsAsciiHexDigit);

    private static string? TagOf(JsonElement root) =>
        root.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
            ? tags.EnumerateArray()
                .Where(tag => tag.ValueKind == JsonValueKind.String)
                .Select(tag => tag.GetString() ?? "")
                .Where(tag => tag.StartsWith("license:", StringComparison.Ordinal))
                .Select(tag => tag["license:".Length..])
                .FirstOrDefault()
            : null;

    /// <summary>A text, or the first of a list of texts.</summary>
    private static string? Word(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : null).FirstOrDefault()
            : Text(of, name);

    private static string? Link(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "https" ? text : null;

    private static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? Number(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object
        && of.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out var number)
        && number >= 0
            ? number
            : null;
}
