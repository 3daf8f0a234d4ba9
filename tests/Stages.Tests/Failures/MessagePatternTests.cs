using Pipeline.Stages.Failures;

namespace Pipeline.Stages.Tests.Failures;

public sealed class MessagePatternTests
{
    [Theory]
    [InlineData("Took 31 of 64 items in 2.5 s.", "Took {n} of {n} items in {n} s.")]
    [InlineData("It is 1,024 bytes, -3 or 1e-5.", "It is {n} bytes, {n} or {n}.")]
    [InlineData("runs/9454b7866400/caption/00000005.parquet is damaged.", "{path} is damaged.")]
    [InlineData("Read /models/blip-7/model.onnx, then C:\\data\\a.png.", "Read {path}, then {path}.")]
    [InlineData("https://host:8080/v1/chat said no.", "{path} said no.")]
    [InlineData("Sample 0f8fad5bd9cb469fa16570867728950e is gone.", "Sample {id} is gone.")]
    [InlineData("Request 7c9e6679-7425-40de-944b-e07fc1f90ae7 ended.", "Request {id} ended.")]
    [InlineData("The file 00000012.failed.json is there.", "The file {path} is there.")]
    [InlineData("The word decade and the type Int32 stay.", "The word decade and the type Int32 stay.")]
    public void What_differs_from_batch_to_batch_is_taken_out(string message, string pattern)
    {
        MessagePattern.Of(message).Should().Be(pattern);
    }
}
