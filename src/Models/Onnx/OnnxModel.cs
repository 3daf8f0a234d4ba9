using Microsoft.ML.OnnxRuntime;
using Pipeline.Models.Calls;

namespace Pipeline.Models.Onnx;

/// <summary>A graph of an .onnx file, ready to be called. All openers of one content on one device share a session.</summary>
/// <remarks>Safe to call from several threads. Inputs are fed as the type that the graph declares; outputs are float32.</remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly string name;
    private readonly long workBytes;
    private readonly OnnxSession session;
    private int disposed;

    private OnnxModel(string name, long workBytes, OnnxSession session)
    {
        this.name = name;
        this.workBytes = workBytes;
        this.session = session;
    }

    /// <summary>The inputs that a call must have, in the graph's order.</summary>
    public IReadOnlyList<OnnxPort> Inputs => session.Inputs;

    /// <summary>The outputs that a call may ask for, in the graph's order.</summary>
    public IReadOnlyList<OnnxPort> Outputs => session.Outputs;

    /// <summary>Version of ai.onnx that the graph uses.</summary>
    public long OperatorSet => session.OperatorSet;

    /// <summary>
    /// True where the graph quantizes with one scale for all rows of a call (DynamicQuantizeLinear, as Optimum's and Transformers.js's quantized graphs do): a
    /// result then depends on its own row alone only in calls of one row. <see cref="Quantization.OnnxQuantizer"/> makes graphs without that.
    /// </summary>
    public bool MixesRows => session.MixesRows;

    /// <summary>Where it runs: <c>cpu</c> or the device that was asked for.</summary>
    public string Device => session.Device;

    internal bool SharesSessionWith(OnnxModel other) => ReferenceEquals(session, other.session);

    /// <summary>Opens a graph; the file is read once and is not looked at again.</summary>
    /// <param name="path">An .onnx file.</param>
    /// <param name="options">Device, threads and memory.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The file is no graph that may be run; file and field are named.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxModel Open(string path, OnnxOptions options)
    {
        options.Check();
        var file = OnnxFile.Read(path);
        OnnxSession taken;
        try
        {
            taken = OnnxSession.Take(path, file, options);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException(
                $"{path} is a graph that ONNX Runtime does not run: {error.Message} It must be a valid model. Export it again, or take another file.",
                error
            );
        }

        if (taken.Notice is { } notice)
        {
            options.Notice?.Invoke(notice);
        }

        return new OnnxModel(path, options.WorkBytes, taken);
    }

    /// <summary>The input of this name.</summary>
    /// <exception cref="InvalidDataException">The graph has no such input.</exception>
    public OnnxPort Input(string input) => Find(Inputs, input, "input");

    /// <summary>The output of this name.</summary>
    /// <exception cref="InvalidDataException">The graph has no such output.</exception>
    public OnnxPort Output(string output) => Find(Outputs, output, "output");

    /// <summary>One call that writes its outputs to where the caller wants them.</summary>
    /// <param name="inputs">Each input of the graph once, in any order.</param>
    /// <param name="outputs">The outputs that are wanted; others are not computed where that can be helped.</param>
    /// <exception cref="InvalidDataException">An input or output is missing or of another type or shape than the graph says.</exception>
    /// <exception cref="ModelMemoryException">The call needs more than <see cref="OnnxOptions.WorkBytes"/> or than there is.</exception>
    public void Run(IReadOnlyList<OnnxInput> inputs, IReadOnlyList<OnnxOutput> outputs)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        List<BoundTensor> bound = [];
        try
        {
            using var binding = session.Native.CreateIoBinding();
            BindInputs(binding, inputs, bound);
            var first = bound.Count;
            foreach (var output in outputs)
            {
                var port = Readable(output.Name);
                Fit(port, output.Shape, "output");
                if (output.Shape.Aggregate(1L, (product, size) => checked(product * size)) != output.Target.Length)
                {
                    throw new ArgumentException(
                        $"The target of output {output.Name} has {output.Target.Length} values; it must have as many as [{string.Join(", ", output.Shape)}]. Make it as long."
                    );
                }

                bound.Add(BoundTensor.Output(port, output));
                binding.BindOutput(output.Name, bound[^1].Value);
            }

            Call(binding);
            for (var index = 0; index < outputs.Count; index++)
            {
                bound[first + index].ReadInto(Output(outputs[index].Name), outputs[index].Target.Span);
            }
        }
        finally
        {
            bound.ForEach(one => one.Dispose());
        }
    }

    /// <summary>One call that gives its outputs in memory of their own: for shapes that are not known before.</summary>
    /// <param name="inputs">Each input of the graph once, in any order.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    /// <returns>In the order of <paramref name="outputs"/>.</returns>
    /// <exception cref="InvalidDataException">An input or output is missing or of another type or shape than the graph says.</exception>
    /// <exception cref="ModelMemoryException">The call needs more than <see cref="OnnxOptions.WorkBytes"/> or than there is.</exception>
    public IReadOnlyList<OnnxResult> Run(IReadOnlyList<OnnxInput> inputs, IReadOnlyList<string> outputs)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, this);
        List<BoundTensor> bound = [];
        try
        {
            using var binding = session.Native.CreateIoBinding();
            BindInputs(binding, inputs, bound);
            var ports = outputs.Select(Readable).ToList();
            ports.ForEach(port => binding.BindOutputToDevice(port.Name, OrtMemoryInfo.DefaultInstance));
            Call(binding);
            using var values = binding.GetOutputValues();
            return [.. ports.Zip(values, Result)];
        }
        finally
        {
            bound.ForEach(one => one.Dispose());
        }
    }

    /// <summary>Gives the session back; it goes when nobody else has it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            session.Release();
        }
    }

    private void BindInputs(OrtIoBinding binding, IReadOnlyList<OnnxInput> inputs, List<BoundTensor> bound)
    {
        var missing = Inputs.Select(port => port.Name).Except(inputs.Select(input => input.Name)).ToList();
        if (missing.Count > 0)
        {
            throw new InvalidDataException(
                $"The call of {name} has no {string.Join(", ", missing)}; it must have every input of the graph: {string.Join("; ", Inputs)}. Check that this is the model that is wanted."
            );
        }

        foreach (var input in inputs)
        {
            var port = Input(input.Name);
            if (!(input.IsInteger ? OnnxElements.IsInteger(port.Element) : OnnxElements.IsFloat(port.Element)))
            {
                throw new InvalidDataException(
                    $"The input {port} of {name} is given {(input.IsInteger ? "whole numbers" : "fractions")}; it must be given what the graph declares. Check that this is the model that is wanted."
                );
            }

            Fit(port, input.Shape, "input");
            bound.Add(BoundTensor.Input(port, input));
            binding.BindInput(input.Name, bound[^1].Value);
        }
    }

    private void Call(OrtIoBinding binding)
    {
        using var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            session.Native.RunWithBinding(run, binding);
        }
        catch (OnnxRuntimeException error) when (OnnxMemory.Lacks(error))
        {
            throw new ModelMemoryException(
                $"A call of {name} on {Device} lacks memory: {error.Message} Its arena has {workBytes} bytes; it must hold what the call works with. Make the calls smaller, or raise the budget.",
                error
            );
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException(
                $"A call of {name} on {Device} failed: {error.Message} The graph must take the inputs that it declares. Check that this is the model that is wanted.",
                error
            );
        }
    }

    private OnnxPort Readable(string output)
    {
        var port = Output(output);
        return OnnxElements.IsFloat(port.Element)
            ? port
            : throw new InvalidDataException(
                $"The output {port} of {name} is not of fractions; it must be float32, float16 or bfloat16. Ask for another output."
            );
    }

    private void Fit(OnnxPort port, IReadOnlyList<long> shape, string kind)
    {
        if (!port.Takes(shape))
        {
            throw new InvalidDataException(
                $"The {kind} {port} of {name} is of shape [{string.Join(", ", shape)}] in this call; it must fit what the graph declares. Check that this is the model that is wanted."
            );
        }
    }

    private OnnxPort Find(IReadOnlyList<OnnxPort> ports, string wanted, string kind) =>
        ports.FirstOrDefault(port => port.Name == wanted)
        ?? throw new InvalidDataException(
            $"{name} has no {kind} {wanted}; it must be one of {string.Join("; ", ports)}. Check that this is the model that is wanted."
        );

    private static OnnxResult Result(OnnxPort port, OrtValue value)
    {
        var shape = value.GetTensorTypeAndShape().Shape;
        var values = new float[shape.Aggregate(1L, (product, size) => checked(product * size))];
        BoundTensor.Widen(port.Element, value.GetTensorMutableRawData(), values);
        return new OnnxResult(port.Name, shape, values);
    }
}
