using System.Runtime.InteropServices;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

public sealed class MemoryErrorsTests
{
    public static TheoryData<Exception, bool> Errors =>
        new()
        {
            { new OutOfMemoryException(), true },
            { new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB."), true },
            { new InvalidOperationException("The captioner failed.", new ExternalException("std::bad_alloc")), true },
            { new ExternalException("[ErrorCode:RuntimeException] Failed to allocate memory for requested buffer of size 8"), true },
            { new ExternalException("CUDA error: device-side assert triggered"), false },
            { new ArithmeticException("out of range"), false },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void What_says_that_memory_was_lacking_is_known(Exception error, bool expected)
    {
        var found = MemoryErrors.IsOne(error);

        found.Should().Be(expected);
    }

    [Fact]
    public void What_TorchSharp_throws_for_a_tensor_of_a_petabyte_is_known()
    {
        var allocate = () => TorchSharp.torch.zeros(1L << 50, dtype: TorchSharp.torch.uint8);

        var error = allocate.Should().Throw<Exception>().Which;

        MemoryErrors.IsOne(error).Should().BeTrue(error.Message);
    }
}
