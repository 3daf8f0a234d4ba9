using System.Text;
using Pipeline.Models.Clip;
using Pipeline.Models.Tests.Fuzz;
using Pipeline.Models.Tests.Golden;
using Pipeline.Models.Tests.Weights;

namespace Pipeline.Models.Tests.Clip;

/// <summary>Damaged configurations and tokenizers of CLIP's folder: each is read, or refused with the error that names it.</summary>
internal sealed class ClipFuzz : IFuzzTarget, IDisposable
{
    private readonly TemporaryFolder good = new();
    private readonly TemporaryFolder folder = new();

    public ClipFuzz()
    {
        TinyVocabulary.WriteSplit(good.Root);
        TinyVocabulary.WriteWhole(good.Root, pairs: true);
        foreach (var name in new[] { "config.json", "preprocessor_config.json", "special_tokens_map.json", "tokenizer_config.json" })
        {
            File.Copy(Path.Combine(GoldenSet.Fixtures, "clip", "model", name), good.File(name));
        }

        Seeds =
        [
            .. Directory
                .GetFiles(good.Root)
                .Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileName(file), File.ReadAllBytes(file))),
        ];
    }

    public IReadOnlyList<(string Name, byte[] Bytes)> Seeds { get; }

    public IReadOnlyList<byte[]> Words =>
        [
            .. new[]
            {
                "-1",
                "0",
                "1e999",
                "4294967296",
                "null",
                "true",
                "[",
                "]",
                "{",
                "}",
                "\"",
                "\\ud800",
                "\"\":",
                "</w>",
                "#",
                "\n",
            }.Select(Encoding.UTF8.GetBytes),
        ];

    public bool Read(string name, byte[] bytes, int number)
    {
        foreach (var file in Directory.GetFiles(folder.Root))
        {
            File.Delete(file);
        }

        foreach (
            var (seed, content) in Seeds.Where(seed =>
                seed.Name != name && (name != "tokenizer.json" || seed.Name is not ("vocab.json" or "merges.txt"))
            )
        )
        {
            File.WriteAllBytes(folder.File(seed), content);
        }

        File.WriteAllBytes(folder.File(name), bytes);
        try
        {
            switch (name)
            {
                case "config.json":
                    _ = ClipConfig.Read(folder.Root);
                    break;
                case "preprocessor_config.json":
                    _ = ClipPreprocessing.Read(folder.File(name), 32);
                    break;
                default:
                    ClipTokenizer.Read(folder.Root).Encode("a cat's <|endoftext|> Ünïcode 漢字 e\u0301 12", new long[20]);
                    break;
            }

            return true;
        }
        catch (InvalidDataException refused) when (refused.Message.Contains(folder.Root, StringComparison.Ordinal))
        {
            return false;
        }
    }

    public void Dispose()
    {
        good.Dispose();
        folder.Dispose();
    }
}
