using System.Globalization;
using System.Runtime.CompilerServices;

namespace Pipeline.Models.Tests.Fuzz;

/// <summary>
/// The side of a fuzz test that may die: the test's own program, which, started with <see cref="Variable"/>, reads damaged files in place of
/// running tests. It prints the number of each case before it begins, so that the last one is known whatever becomes of the process.
/// </summary>
internal static class FuzzChild
{
    /// <summary>Holds <c>target,seed,first,count,fault,at</c>; the fault (none, crash, hang, throw, memory) is for the tests of the test.</summary>
    public const string Variable = "PIPELINE_FUZZ_TARGET";

    [ModuleInitializer]
    internal static void RunInsteadOfTests()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } order)
        {
            return;
        }
        var words = order.Split(',');
        var type = typeof(FuzzChild).Assembly.GetType(words[0], throwOnError: true)!;
        var target = (IFuzzTarget)Activator.CreateInstance(type)!;
        var code = Run(target, Number(words[1]), Number(words[2]), Number(words[3]), words[4], Number(words[5]));
        (target as IDisposable)?.Dispose();
        Environment.Exit(code);
    }

    private static int Run(IFuzzTarget target, int seed, int first, int count, string fault, int at)
    {
        var read = 0;
        if (FirstUnreadSeed(target) is { } unread)
        {
            Console.WriteLine($"fault {unread}");
            return 1;
        }
        var most = PeakBytes() + target.MostBytes;
        for (var number = first; number < first + count; number++)
        {
            Console.WriteLine(number);
            try
            {
                if (number == at)
                {
                    Inject(fault, target.MostBytes);
                }
                var (name, bytes) = FuzzCase.Make(target, seed, number);
                read += target.Read(name, bytes, number) ? 1 : 0;
            }
            catch (Exception error)
            {
                Console.WriteLine($"fault {error.ToString().ReplaceLineEndings(" ")}");
                return 1;
            }
            if (PeakBytes() is var peak && peak > most)
            {
                Console.WriteLine($"fault the memory was at {peak >> 20} MiB; it must stay below {most >> 20} MiB");
                return 1;
            }
        }
        Console.WriteLine($"done {read}");
        return 0;
    }

    private static string? FirstUnreadSeed(IFuzzTarget target)
    {
        for (var index = 0; index < target.Seeds.Count; index++)
        {
            var (name, bytes) = target.Seeds[index];
            for (var number = 0; number < 2; number++)
            {
                if (!target.Read(name, bytes, number) && !target.Unsupported.Contains(name))
                {
                    return $"the undamaged file {name} is refused; it must be read";
                }
            }
        }
        return null;
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static long PeakBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmHWM:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }

    private static void Inject(string fault, long bytes)
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
                var block = GC.AllocateUninitializedArray<byte>((int)(bytes * 2));
                Array.Fill(block, (byte)1);
                GC.KeepAlive(block);
                break;
        }
    }
}
