using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Models.Hub.Download;

/// <summary>Gets one file, goes on where it was cut, and takes it only when its hash is the one that the hub names.</summary>
/// <param name="hub">The hub.</param>
/// <param name="repository">What the file belongs to.</param>
/// <param name="advanced">Told how many bytes have come, and taken back when they are thrown away.</param>
internal sealed class HubDownload(HubConnection hub, HubRepository repository, Action<long> advanced)
{
    private const string Partial = ".part";
    private const int BufferBytes = 1 << 20;

    /// <summary>The file with its hash, in <paramref name="folder"/>; one that is whole already is hashed again and not asked for.</summary>
    /// <exception cref="HubException">The hub does not give it, or gives something else.</exception>
    public async Task<ModelFile> GetAsync(HubFile file, string folder, CancellationToken stop)
    {
        var path = Path.Combine(folder, file.Path);
        var what = $"The file {file.Path} of {repository.Id}@{repository.Commit}";
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? folder);
        if (File.Exists(path) && file.Hash is not null)
        {
            var (there, sha256) = (new FileInfo(path).Length, await HashAsync(path, file.Hash, stop));
            if (sha256.IsGood && (file.Size ?? there) == there)
            {
                advanced(there);
                return new ModelFile(file.Path, there, sha256.Sha256);
            }

            File.Delete(path);
        }

        var part = path + Partial;
        advanced(File.Exists(part) ? new FileInfo(part).Length : 0);
        return await hub.RetryAsync(
            what,
            () => TryAsync(file, part, path, what, stop),
            () => File.Exists(part) ? new FileInfo(part).Length : 0,
            stop
        );
    }

    private async Task<ModelFile> TryAsync(HubFile file, string part, string path, string what, CancellationToken stop)
    {
        long size;
        string? hash;
        var wasCut = false;
        await using (var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1))
        {
            wasCut = target.Length > 0;
            if (wasCut && (file.Hash is null || file.Size is null || target.Length > file.Size))
            {
                Restart(target); // there is nothing by which to go on
            }

            hash = target.Length < file.Size || target.Length == 0 ? await FetchAsync(file, target, what, stop) : file.Hash;
            size = target.Length;
        }

        if (hash is null)
        {
            throw new HubException($"{what} has no hash by which it could be checked; the hub must name one. Look at HF_ENDPOINT.");
        }

        if (file.Size is { } wanted && size != wanted)
        {
            throw new HubBusyException(
                string.Create(CultureInfo.InvariantCulture, $"the connection was cut after {size} of {wanted} bytes")
            );
        }

        var found = await HashAsync(part, hash, stop);
        if (!found.IsGood)
        {
            advanced(-size);
            File.Delete(part);
            throw wasCut
                ? new HubBusyException("what had come before it was cut does not belong to it")
                : new HubException(
                    $"{what} has the hash {found.Found}; it must be {hash}, as the hub lists it. It was thrown away: give the same command again, and if it repeats, look at HF_ENDPOINT."
                );
        }

        File.Move(part, path, overwrite: true);
        return new ModelFile(file.Path, size, found.Sha256);
    }

    /// <summary>Adds what is missing; gives the hash that the headers name, where the list named none.</summary>
    private async Task<string?> FetchAsync(HubFile file, FileStream target, string what, CancellationToken stop)
    {
        var address = hub.Address(
            $"/{repository.Id}/resolve/{repository.Commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}"
        );
        using var answer = await hub.AskAsync(address, target.Length, what, stop);
        var (response, from) = (answer.Response, answer.Response.Content.Headers.ContentRange?.From);
        if (
            response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.PartialContent && from != target.Length)
        )
        {
            Restart(target);
            throw new HubBusyException("the hub does not go on where it was cut");
        }

        if (response.StatusCode != HttpStatusCode.PartialContent && target.Length > 0)
        {
            Restart(target); // the whole comes again
        }

        target.Position = target.Length;
        await CopyAsync(response, target, file.Size, what, stop);
        await target.FlushAsync(stop);
        return file.Hash ?? answer.Hash;
    }

    private async Task CopyAsync(HttpResponseMessage response, FileStream target, long? size, string what, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stop);
            while (await ReadAsync(body, buffer, limit, stop) is > 0 and var read)
            {
                if (target.Length + read > size)
                {
                    Restart(target);
                    throw new HubException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{what} is longer than {size} bytes; it must be as long as the hub lists it. Look at HF_ENDPOINT."
                        )
                    );
                }

                await target.WriteAsync(buffer.AsMemory(0, read), stop);
                advanced(read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationTokenSource limit, CancellationToken stop)
    {
        limit.CancelAfter(hub.Settings.Stall);
        try
        {
            return await body.ReadAsync(buffer.AsMemory(0, BufferBytes), limit.Token);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new HubBusyException("the connection was cut", inner: error);
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw new HubBusyException(
                string.Create(CultureInfo.InvariantCulture, $"nothing more came for {hub.Settings.Stall.TotalSeconds:0} s"),
                inner: error
            );
        }
    }

    private void Restart(FileStream target)
    {
        advanced(-target.Length);
        target.SetLength(0);
        target.Position = 0;
    }

    /// <summary>Compares with the hub's hash: of 64 digits SHA-256 of the bytes, of 40 the git blob's, SHA-1 over its head and the bytes.</summary>
    private static async Task<(bool IsGood, string Found, string Sha256)> HashAsync(string path, string wanted, CancellationToken stop)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var git = wanted.Length == 40 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA1) : null;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, useAsync: false);
        git?.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Length}\0")));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await file.ReadAsync(buffer.AsMemory(0, BufferBytes), stop) is > 0 and var read)
            {
                sha256.AppendData(buffer, 0, read);
                git?.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var own = Convert.ToHexStringLower(sha256.GetHashAndReset());
        var found = git is null ? own : Convert.ToHexStringLower(git.GetHashAndReset());
        return (found == wanted, found, own);
    }
}
