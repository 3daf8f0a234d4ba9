using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Models.Onnx;

/// <summary>Makes ONNX Runtime's environment and its sessions.</summary>
internal static class OnnxRuntimeSetup
{
    /// <summary>ONNX Runtime's name of the processor's memory.</summary>
    private const string CpuMemory = "Cpu";

    /// <summary>arena_extend_strategy kSameAsRequested: an arena grows by what is asked for, not to the next power of two.</summary>
    private const int GrowAsRequested = 1;

    /// <summary>ONNX Runtime's own choice.</summary>
    private const int OwnChoice = -1;

    /// <summary>The most that a node which is computed beforehand may give, 64 MiB: a hostile graph cannot ask for more when it is opened.</summary>
    private const string ConstantBytes = "67108864";

    private static readonly Lock Turn = new();

    /// <summary>Makes a session of checked bytes on the device of the options, or on the CPU, which it announces.</summary>
    /// <param name="name">The file, for announcements.</param>
    /// <param name="bytes">A whole model without anything that lies in other files.</param>
    /// <param name="options">Checked.</param>
    /// <returns>The session, the device that it is on and the announcement, null if there is none.</returns>
    public static (InferenceSession Session, string Device, string? Notice) Make(string name, byte[] bytes, OnnxOptions options)
    {
        lock (Turn)
        {
            string? notice = null;
            if (options.CudaDevice is { } device)
            {
                try
                {
                    using var cuda = SessionOptions(options);
                    AddCuda(cuda, device, options.WorkBytes);
                    return (new InferenceSession(bytes, cuda), options.Device, null);
                }
                catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
                {
                    notice =
                        $"{name} runs on the CPU, not on {options.Device}: {error.Message} Build with -p:Accelerator=cuda and check the driver, or ask for the CPU.";
                }
            }

            using var settings = SessionOptions(options);
            return (OnCpu(bytes, settings, options.WorkBytes), "cpu", notice);
        }
    }

    private static SessionOptions SessionOptions(OnnxOptions options)
    {
        if (!OrtEnv.IsCreated)
        {
            var creation = new EnvironmentCreationOptions { logId = "pipeline", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            OrtEnv.CreateInstanceWithOptions(ref creation);
        }

        // Errors come as exceptions; without this each is written to the console too.
        var session = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
        };
        // A file may be protobuf, which was checked, and begin as one of ONNX Runtime's own format, which was not.
        session.AddSessionConfigEntry("session.load_model_format", "ONNX");
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        session.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        // Weights are taken from the system, so that the arena's budget is that of the calls.
        session.AddSessionConfigEntry("optimization.constant_folding_max_output_size_in_bytes", ConstantBytes);
        session.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1");
        return session;
    }

    /// <summary>A session takes the arena that is registered with the environment when it is made, and keeps it: each gets one of its own.</summary>
    private static InferenceSession OnCpu(byte[] bytes, SessionOptions settings, long workBytes)
    {
        using var memory = new OrtMemoryInfo(CpuMemory, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var arena = new OrtArenaCfg(checked((uint)workBytes), GrowAsRequested, OwnChoice, OwnChoice);
        settings.AddSessionConfigEntry("session.use_env_allocators", "1");
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
        try
        {
            return new InferenceSession(bytes, settings);
        }
        finally
        {
            OrtEnv.Instance().UnregisterAllocator(memory);
        }
    }

    private static void AddCuda(SessionOptions session, int device, long workBytes)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["device_id"] = $"{device}",
                ["gpu_mem_limit"] = $"{workBytes}",
                ["arena_extend_strategy"] = "kSameAsRequested",
            }
        );
        session.AppendExecutionProvider_CUDA(cuda);
    }
}
