using System.Globalization;
using System.Runtime.CompilerServices;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>
/// The side of the fuzz test that may die: the test's own program, which, started with <see cref="Variable"/>, decodes damaged files in place of
/// running tests. It prints the number of each case before it begins, so that the last one is known whatever becomes of the process.
/// </summary>
internal static class FuzzChild
{
    /// <summary>Holds <c>seed,first,count,fault,at</c>; the fault (none, crash, hang, throw, memory) is for the tests of the test.</summary>
    public const string Variable = "PIPELINE_FUZZ_IMAGES";

    /// <summary>Memory above which a case has failed: a run without faults takes about half of it.</summary>
    public const long MostBytes = 256L << 20;

    private static readonly DecodeLimits s_limits = new() { Pixels = 1_000_000 };

    [ModuleInitializer]
    internal static void RunInsteadOfTests()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } order)
        {
            return;
        }
        var words = order.Split(',');
        var numbers = words.Where((_, word) => word != 3).Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        Environment.Exit(Run(numbers[0], numbers[1], numbers[2], words[3], numbers[3]));
    }

    private static int Run(int seed, int first, int count, string fault, int at)
    {
        var images = 0;
        for (var number = first; number < first + count; number++)
        {
            Console.WriteLine(number);
            try
            {
                if (number == at)
                {
                    Inject(fault);
                }
                images += Decode(FuzzCase.Make(seed, number).Bytes, number) ? 1 : 0;
            }
            catch (Exception error)
            {
                Console.WriteLine($"fault {error.ToString().ReplaceLineEndings(" ")}");
                return 1;
            }
            if (PeakBytes() is > MostBytes and var peak)
            {
                Console.WriteLine($"fault the memory was at {peak >> 20} MiB; it must stay below {MostBytes >> 20} MiB");
                return 1;
            }
        }
        Console.WriteLine($"done {images} {PeakBytes()}");
        return 0;
    }

    private static bool Decode(byte[] bytes, int number)
    {
        try
        {
            var image = number % 2 == 0 ? ImageDecoder.Decode(bytes, s_limits) : ImageDecoder.DecodeToSize(bytes, 24, 24, s_limits);
            return image.Pixels.Length == image.Width * image.Height * 3
                ? true
                : throw new InvalidOperationException(
                    $"An image of {image.Width} x {image.Height} pixels has {image.Pixels.Length} bytes."
                );
        }
        catch (ImageRejectedException)
        {
            return false;
        }
    }

    private static long PeakBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmHWM:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }

    private static void Inject(string fault)
    {
        switch (fault)
        {
            case "crash":
                System.Diagnostics.Process.GetCurrentProcess().Kill();
                Thread.CurrentThread.Join();
                break;
            case "hang":
                Thread.CurrentThread.Join();
                break;
            case "throw":
                throw new InvalidOperationException("not a rejection");
            case "memory":
                var bytes = GC.AllocateUninitializedArray<byte>((int)MostBytes);
                Array.Fill(bytes, (byte)1);
                GC.KeepAlive(bytes);
                break;
        }
    }
}
