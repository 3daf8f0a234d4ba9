using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Models.Clip;
using Pipeline.Models.Tests.Weights;

namespace Pipeline.Models.Tests.Clip;

public sealed class ClipTokenizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, int> ids = TinyVocabulary.Ids();

    public ClipTokenizerTests() => TinyVocabulary.WriteSplit(folder.Root);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cat", "cat</w>")]
    [InlineData("  CAT \t dog\n", "cat</w> dog</w>")]
    [InlineData("cat,dog", "cat</w> ,</w> dog</w>")]
    [InlineData("cat's", "cat</w> ' s</w>")]
    [InlineData("12", "1</w> 2</w>")]
    [InlineData("!!", "!!</w>")]
    [InlineData("!<|endoftext|>dog", "!</w> <|endoftext|> dog</w>")]
    [InlineData("<|ENDofTEXT|>", "<|endoftext|>")]
    [InlineData("", "")]
    public void A_text_becomes_these_tokens(string text, string tokens) =>
        Encode(text).Should().Equal(tokens.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(token => ids[token]));

    /// <summary>U+1D41A is a mathematical letter, Ll: one word with its neighbours. Its four bytes are F0 9D 90 9A.</summary>
    [Fact]
    public void A_letter_beyond_the_first_plane_is_a_letter() => Encode("c\U0001D41At").Should().HaveCount(6).And.EndWith(ids["t</w>"]);

    [Fact]
    public void Composed_and_combining_characters_are_equal()
    {
        Encode("e\u0301").Should().Equal(Encode("é"));
        Encode("E\u0301").Should().Equal(Encode("é"));
        Encode("\u1100\u1161").Should().Equal(Encode("가"));
    }

    [Fact]
    public void A_capital_with_two_lower_characters_becomes_both() => Encode("İ").Should().Equal(Encode("i\u0307"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokenizer_json_alone_gives_the_same(bool pairs)
    {
        using var whole = new TemporaryFolder();
        TinyVocabulary.WriteWhole(whole.Root, pairs);
        var (one, two) = (ClipTokenizer.Read(folder.Root), ClipTokenizer.Read(whole.Root));

        foreach (var text in new[] { "cat dog hello", "Ünïcode 漢字 🎉", "<|endoftext|>!!" })
        {
            Row(two, text).Should().Equal(Row(one, text));
        }

        two.EndToken.Should().Be(one.EndToken);
    }

    [Fact]
    public void Stable_diffusion_2_fills_with_an_exclamation_mark()
    {
        File.WriteAllText(folder.File("special_tokens_map.json"), """{"pad_token": "!", "eos_token": {"content": "<|endoftext|>"}}""");
        var tokenizer = ClipTokenizer.Read(folder.Root);
        var row = new long[6];

        tokenizer.Encode("cat!!", row).Should().Be(5, "what fills a row is special inside a text too");

        row.Should().Equal(ids["<|startoftext|>"], ids["cat</w>"], ids["!"], ids["!"], ids["<|endoftext|>"], ids["!"]);
    }

    [Fact]
    public void A_text_that_is_too_long_keeps_its_end_token()
    {
        var row = new long[4];

        ClipTokenizer.Read(folder.Root).Encode("cat dog cat dog", row).Should().Be(6);

        row.Should().Equal(ids["<|startoftext|>"], ids["cat</w>"], ids["dog</w>"], ids["<|endoftext|>"]);
    }

    [Fact]
    public void A_text_of_any_length_is_read_in_one_pass()
    {
        var row = new long[77];

        ClipTokenizer.Read(folder.Root).Encode(string.Concat(Enumerable.Repeat("<|endoftext|> cat ", 100_000)), row).Should().Be(200_002);
    }

    [Theory]
    [InlineData("cat", "merges.txt", "", "*no merges*")]
    [InlineData("cat", "merges.txt", "#version: 0.2\nc a\nq zz\n", "*q zz*")]
    [InlineData("cat", "merges.txt", "c a t\n", "*c a t*two tokens*")]
    [InlineData("cat", "vocab.json", "{\"a\": 1", "*vocab.json*no JSON*")]
    [InlineData("cat", "vocab.json", "[]", "*vocab.json*a list*")]
    [InlineData("cat", "vocab.json", "{\"a\": \"b\"}", "*vocab.json*a is \"b\"*whole number*")]
    [InlineData("cat", "vocab.json", "{\"a\": 1}", "*vocab.json*lacks*another model's tokenizer*")]
    [InlineData(
        "cat",
        "special_tokens_map.json",
        "{\"eos_token\": \"</s>\"}",
        "*eos_token \"</s>\"*special_tokens_map.json*another model's tokenizer*"
    )]
    [InlineData("cat", "tokenizer_config.json", "{\"bos_token\": 7}", "*tokenizer_config.json*bos_token is 7*")]
    public void A_broken_file_is_named_with_its_field(string text, string file, string content, string message)
    {
        File.WriteAllText(folder.File(file), content);

        var act = () => Row(ClipTokenizer.Read(folder.Root), text);

        act.Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Theory]
    [InlineData("merges", "*merges*")]
    [InlineData("vocab", "*vocab*")]
    [InlineData("end_of_word_suffix", "*end_of_word_suffix*")]
    public void A_tokenizer_json_without_a_part_is_refused(string part, string message)
    {
        using var whole = new TemporaryFolder();
        TinyVocabulary.WriteWhole(whole.Root, pairs: false);
        var root = JsonNode.Parse(File.ReadAllText(whole.File("tokenizer.json")))!;
        root["model"]!.AsObject().Remove(part);
        File.WriteAllText(whole.File("tokenizer.json"), root.ToJsonString());

        var act = () => ClipTokenizer.Read(whole.Root);

        act.Should().Throw<InvalidDataException>().WithMessage($"*tokenizer.json*{message}");
    }

    [Fact]
    public void A_folder_without_merges_is_refused()
    {
        File.Delete(folder.File("merges.txt"));

        var act = () => ClipTokenizer.Read(folder.Root);

        act.Should().Throw<InvalidDataException>().WithMessage("*merges.txt is missing*");
    }

    [Fact]
    public void A_vocabulary_beyond_the_models_table_is_refused()
    {
        var tokenizer = ClipTokenizer.Read(folder.Root);
        var tower = new ClipTower(8, 8, 1, 1, 1e-5, ClipActivation.Gelu);

        tokenizer.MustFit(new ClipTextConfig(tower, ids.Count, 77, tokenizer.EndToken));
        var small = () => tokenizer.MustFit(new ClipTextConfig(tower, ids.Count - 1, 77, tokenizer.EndToken));
        var other = () => tokenizer.MustFit(new ClipTextConfig(tower, ids.Count, 77, 49_407));

        small.Should().Throw<InvalidDataException>().WithMessage("*vocab.json*highest id*vocab_size*");
        other.Should().Throw<InvalidDataException>().WithMessage("*vocab.json*end token*eos_token_id*");
    }

    private static long[] Row(ClipTokenizer tokenizer, string text)
    {
        var row = new long[77];
        tokenizer.Encode(text, row);
        return row;
    }

    /// <summary>The ids between start and end.</summary>
    private IEnumerable<int> Encode(string text)
    {
        var tokenizer = ClipTokenizer.Read(folder.Root);
        var row = new long[77];
        var used = tokenizer.Encode(text, row);
        row[0].Should().Be(tokenizer.StartToken);
        row[used - 1].Should().Be(tokenizer.EndToken);
        return row[1..(used - 1)].Select(id => (int)id);
    }
}
