using System.Diagnostics;
using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class ImageFolderSourceTests
{
    [Theory]
    [InlineData(true, "", "fog", "fog")]
    [InlineData(false, "", "", "")]
    public void Folder_inside_a_class_is_the_group_when_so_told(bool told, params string[] groups)
    {
        using var input = new InputFolder().With("a/0.png").With("a/fog/1.png").With("a/fog/north/2.png");

        var entries = input.Open(new IngestOptions { GroupFolders = told }).Entries();

        entries.Select(entry => entry.Group).Should().Equal(groups);
    }

    [Fact]
    public void Folders_are_classes_and_all_is_training()
    {
        using var input = new InputFolder().With("b/2.PNG").With("b/10.png").With("B/1.jpeg").With("train/x.webp");

        var source = input.Open();
        var entries = source.Entries().ToArray();

        source.Format.Should().Be("imagefolder");
        source.Root.Should().Be(input.Path);
        source.ClassNames.Should().Equal("B", "b", "train");
        entries.Select(entry => entry.Uri).Should().Equal("B/1.jpeg", "b/10.png", "b/2.PNG", "train/x.webp");
        entries.Select(entry => entry.Label).Should().Equal(0, 1, 1, 2);
        entries
            .Should()
            .OnlyContain(entry => entry.Split == "train" && entry.Group == "" && entry.LineOrNull == null && entry.Fault == null);
    }

    [Fact]
    public void Split_folders_are_known_by_their_names_and_training_comes_first()
    {
        using var input = new InputFolder()
            .With("test/a/1.png")
            .With("test_A/a/1.png")
            .With("Dev/b/1.png")
            .With("train/c/1.png")
            .With("valid/a/1.png");

        var source = input.Open();
        var entries = source.Entries().ToArray();

        source.ClassNames.Should().Equal("a", "b", "c");
        entries
            .Select(entry => $"{entry.Uri} {entry.Split} {entry.Label}")
            .Should()
            .Equal(
                "train/c/1.png train 2",
                "Dev/b/1.png validation 1",
                "valid/a/1.png validation 0",
                "test/a/1.png test 0",
                "test_A/a/1.png test_a 0"
            );
    }

    [Fact]
    public void Folders_within_a_class_come_after_its_files()
    {
        using var input = new InputFolder().With("a/deep/er/1.png").With("a/deep/2.png").With("a/z.png");

        var uris = input.Entries().Select(entry => entry.Uri);

        uris.Should().Equal("a/z.png", "a/deep/2.png", "a/deep/er/1.png");
    }

    [Fact]
    public void Other_and_hidden_files_are_counted_and_passed_over()
    {
        using var input = new InputFolder()
            .With("train/a/1.png")
            .With("train/a/notes.txt")
            .With("train/a/.2.png")
            .With("train/a/.cache/3.png")
            .With("train/README")
            .With(".git/config")
            .With("licence.md");

        var source = input.Open();
        var walks = new[] { source.Entries().Count(), source.Entries().Count() };

        walks.Should().Equal(1, 1);
        source.Ignored.Should().Be(6);
    }

    [Fact]
    public void Size_and_time_are_those_of_the_file_and_of_what_a_link_leads_to()
    {
        using var input = new InputFolder().With("a/1.png", new byte[77]);
        var time = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(input.At("a/1.png"), time);
        File.CreateSymbolicLink(input.At("a/2.png"), "1.png");
        File.CreateSymbolicLink(input.At("a/3.png"), "gone.png");

        var entries = input.Entries();

        entries.Select(entry => entry.Size).Should().Equal(77, 77, 0);
        entries.Select(entry => entry.ModifiedTicks).Should().Equal(time.Ticks, time.Ticks, 0);
        entries.Select(entry => entry.Fault?.Kind).Should().Equal(null, null, "missing-file");
    }

    [Fact]
    public void Names_that_are_not_utf8_are_entries_with_a_fault()
    {
        using var input = new InputFolder().With("a/1.png").With("a/real\uFFFD.png");
        Shell(
            "cp a/1.png \"$(printf 'a/bad\\377.png')\"; mkdir \"$(printf 'a/folder\\376')\"; cp a/1.png \"$(printf 'a/folder\\376/2.png')\"",
            input.Path
        );

        var entries = input.Entries();
        Shell("rm -r a/bad* a/folder*", input.Path);

        entries.Should().HaveCount(4);
        entries.Where(entry => entry.Fault is null).Select(entry => entry.Uri).Should().BeEquivalentTo("a/1.png", "a/real\uFFFD.png");
        var faults = entries.Select(entry => entry.Fault).OfType<Rejected>().ToArray();
        faults.Select(fault => fault.Kind).Should().Equal("file-name", "file-name");
        faults.Should().Contain(fault => fault.Message.Contains("until then all that lies in it is left out"));
    }

    [Fact]
    public void Link_that_leads_back_is_an_error_and_no_endless_walk()
    {
        using var input = new InputFolder().With("a/1.png");
        Directory.CreateSymbolicLink(input.At("a/loop"), input.At("a"));

        var walk = () => input.Entries();

        walk.Should().Throw<InputException>().WithMessage("*there must be at most 32*delete it.");
    }

    [Fact]
    public void Input_that_is_not_there_is_explained()
    {
        var open = () => IngestSource.Open("/nowhere/at/all", new());

        open.Should().Throw<InputException>().WithMessage("The input /nowhere/at/all is not there; it must be a folder*Check the path.");
    }

    [Fact]
    public void Empty_folder_is_explained()
    {
        using var input = new InputFolder();

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage($"{input.Path} has nothing in it. It must have one folder a class*");
    }

    [Fact]
    public void Images_without_a_class_folder_are_explained()
    {
        using var input = new InputFolder().With("1.png").With("2.png");

        var open = () => input.Open();

        open.Should()
            .Throw<InputException>()
            .WithMessage("*has 2 images (such as 1.png) and no folder, so that they have no class.*Move each image*");
    }

    [Theory]
    [InlineData("1.png", "a/1.png")]
    [InlineData("train/1.png", "train/a/1.png")]
    public void Images_beside_class_folders_are_explained(string image, string inClass)
    {
        using var input = new InputFolder().With(image).With(inClass);

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*has 1 images (such as 1.png) beside 1 folders*Move each image*");
    }

    [Fact]
    public void Class_folders_without_images_are_explained()
    {
        using var input = new InputFolder().With("a/notes.txt").With("b/notes.txt");

        var open = () => input.Open();

        open.Should().Throw<InputException>().WithMessage("*has 2 class folders and no image in any;*put images there.");
    }

    private static void Shell(string command, string folder)
    {
        var start = new ProcessStartInfo("sh", ["-ec", command]) { WorkingDirectory = folder };
        using var shell = Process.Start(start)!;
        shell.WaitForExit();
        shell.ExitCode.Should().Be(0);
    }
}
