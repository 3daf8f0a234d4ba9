namespace Pipeline.Models.Weights.PyTorch;

/// <summary>Reads the pickle of a checkpoint as a list of instructions for plain values; it is never executed.</summary>
/// <remarks>
/// Python's pickletools.py describes the opcodes. Those of protocols 2 to 4 that torch.save writes are known; every other one, and every global but
/// those of <see cref="TorchGlobals"/>, ends the reading. Memory is bounded: each opcode makes at most one value, and both bytes and opcodes are counted.
/// </remarks>
internal sealed class PickleReader
{
    /// <summary>The longest pickle that is read; Stable Diffusion's are half a megabyte.</summary>
    public const int MostBytes = 32 << 20;

    private const int MostOpcodes = 2_000_000;
    private readonly PickleCursor cursor;
    private readonly PickleStack stack;

    private PickleReader(CheckpointFile file)
    {
        cursor = new PickleCursor(file, file.ReadPickle(MostBytes));
        stack = new PickleStack(cursor);
    }

    /// <summary>The value that the file's pickle describes.</summary>
    /// <exception cref="InvalidDataException">It names what it must not, is cut, or is of an unknown form.</exception>
    public static object? Read(CheckpointFile file) => new PickleReader(file).Run();

    private object? Run()
    {
        if (cursor.Byte() != 0x80 || cursor.Byte() is < 2 or > 5)
        {
            throw cursor.Broken("not of a known protocol", "of the pickle protocols 2 to 5");
        }

        for (var count = 0; count < MostOpcodes; count++)
        {
            var opcode = cursor.Byte();
            if (opcode == '.')
            {
                return cursor.IsAtEnd ? stack.Last() : throw cursor.Broken("longer than its value", "at its end");
            }

            if (!Value(opcode) && !Number(opcode) && !Text(opcode) && !Container(opcode) && !Memory(opcode) && !Object(opcode))
            {
                throw cursor.Broken(
                    $"using the opcode 0x{opcode:x2}{(opcode is > 32 and < 127 ? $" ('{(char)opcode}')" : "")}",
                    "of the opcodes that torch.save writes for tensors and plain containers"
                );
            }
        }

        throw cursor.Broken($"of more than {MostOpcodes} steps", "of fewer");
    }

    private bool Value(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'N':
                stack.Push(null);
                return true;
            case 0x88 or 0x89: // NEWTRUE, NEWFALSE
                stack.Push(opcode == 0x88);
                return true;
            case (byte)']':
                stack.Push(new PickledList());
                return true;
            case (byte)'}':
                stack.Push(new PickledDict(IsOrdered: false));
                return true;
            case (byte)')':
                stack.Push(Array.Empty<object?>());
                return true;
            case 0x8f: // EMPTY_SET
                stack.Push(new PickledOther("a set"));
                return true;
            default:
                return false;
        }
    }

    private bool Number(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'K':
                stack.Push((long)cursor.Byte());
                return true;
            case (byte)'M':
                stack.Push(cursor.UInt16());
                return true;
            case (byte)'J':
                stack.Push(cursor.Int32());
                return true;
            case 0x8a: // LONG1
                stack.Push(cursor.Number(cursor.Byte()));
                return true;
            case 0x8b: // LONG4
                stack.Push(cursor.Number(cursor.UInt32()));
                return true;
            case (byte)'G':
                stack.Push(cursor.Double());
                return true;
            default:
                return false;
        }
    }

    private bool Text(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'X':
                stack.Push(cursor.Text(cursor.UInt32()));
                return true;
            case 0x8c: // SHORT_BINUNICODE
                stack.Push(cursor.Text(cursor.Byte()));
                return true;
            case 0x8d: // BINUNICODE8
                stack.Push(cursor.Text(cursor.UInt64()));
                return true;
            case (byte)'U': // SHORT_BINSTRING
                stack.Push(cursor.OldText(cursor.Byte()));
                return true;
            case (byte)'T': // BINSTRING
                stack.Push(cursor.OldText(cursor.UInt32()));
                return true;
            case (byte)'C' or (byte)'B' or 0x8e: // SHORT_BINBYTES, BINBYTES, BINBYTES8
                var length = opcode switch
                {
                    (byte)'C' => cursor.Byte(),
                    (byte)'B' => cursor.UInt32(),
                    _ => cursor.UInt64(),
                };
                cursor.Skip(length);
                stack.Push(new PickledOther($"{length} bytes"));
                return true;
            default:
                return false;
        }
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                stack.Mark();
                return true;
            case (byte)'t':
                stack.Push(stack.PopToMark());
                return true;
            case 0x85 or 0x86 or 0x87: // TUPLE1 to TUPLE3
                stack.Push(stack.Pop(opcode - 0x84));
                return true;
            case (byte)'a':
                stack.AddToList(stack.Pop(1));
                return true;
            case (byte)'e':
                stack.AddToList(stack.PopToMark());
                return true;
            case (byte)'s':
                stack.AddToDict(stack.Pop(2));
                return true;
            case (byte)'u':
                stack.AddToDict(stack.PopToMark());
                return true;
            case 0x90: // ADDITEMS
                stack.PopToMark();
                return stack.Peek() is PickledOther { What: "a set" }
                    ? true
                    : throw cursor.Broken("adding to what is no set", "adding to a set");
            case 0x91: // FROZENSET
                stack.PopToMark();
                stack.Push(new PickledOther("a set"));
                return true;
            default:
                return false;
        }
    }

    private bool Memory(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q':
                stack.Remember(cursor.Byte());
                return true;
            case (byte)'r':
                stack.Remember(cursor.UInt32());
                return true;
            case 0x94: // MEMOIZE
                stack.Remember();
                return true;
            case (byte)'h':
                stack.Recall(cursor.Byte());
                return true;
            case (byte)'j':
                stack.Recall(cursor.UInt32());
                return true;
            case 0x95: // FRAME: what follows lies together; of no meaning for a file that is in memory
                cursor.UInt64();
                return true;
            default:
                return false;
        }
    }

    private bool Object(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                var module = cursor.Line();
                stack.Push(TorchGlobals.Find(cursor, $"{module}.{cursor.Line()}"));
                return true;
            case 0x93: // STACK_GLOBAL
                var names = stack.Pop(2);
                stack.Push(
                    names is [string space, string name]
                        ? TorchGlobals.Find(cursor, $"{space}.{name}")
                        : throw cursor.Broken("naming a global by what is no text", "naming it by text")
                );
                return true;
            case (byte)'Q': // BINPERSID
                stack.Push(TorchGlobals.Storage(cursor, stack.Pop(1)[0]));
                return true;
            case (byte)'R': // REDUCE
                var call = stack.Pop(2);
                stack.Push(TorchGlobals.Call(cursor, call[0], call[1]));
                return true;
            case (byte)'b': // BUILD: attributes of a state_dict, its _metadata
                stack.Pop(1);
                return stack.Peek() is PickledDict { IsOrdered: true }
                    ? true
                    : throw cursor.Broken("setting attributes of what is no OrderedDict", "setting those of a state_dict alone");
            default:
                return false;
        }
    }
}
