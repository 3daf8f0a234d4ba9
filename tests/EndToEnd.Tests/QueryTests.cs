using System.Text.Json;

namespace Pipeline.EndToEnd.Tests;

public sealed class QueryTests(ReferenceRun reference)
{
    [Fact]
    public async Task Views_of_a_finished_run_agree_with_its_account()
    {
        await reference.Run;
        using var account = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(reference.Output, "report", "account.json")));
        var (samples, edits) = (account.RootElement.GetProperty("samples"), account.RootElement.GetProperty("edits"));

        var (code, output) = await ProgramRun.StartAsync([
            "query",
            reference.Output,
            """
            select (select count(*) from augmented where variant_id is null) as originals,
                   (select count(*) from augmented where variant_id is not null) as kept,
                   (select count(*) from variants where select_rows > 0) as selected,
                   (select count(*) from variants where filter_verdict = 'too_easy') as too_easy,
                   (select count(*) from samples where caption is not null) as captioned
            """,
            "--format",
            "json",
        ]);

        code.Should().Be(0, output);
        using var rows = JsonDocument.Parse(output);
        var row = rows.RootElement[0];
        row.GetProperty("originals").GetInt64().Should().Be(samples.GetProperty("kept").GetInt64());
        row.GetProperty("kept").GetInt64().Should().Be(edits.GetProperty("kept").GetInt64());
        row.GetProperty("selected").GetInt64().Should().Be(edits.GetProperty("kept").GetInt64());
        row.GetProperty("too_easy").GetInt64().Should().Be(edits.GetProperty("dropped").GetProperty("too_easy").GetInt64());
        row.GetProperty("captioned").GetInt64().Should().Be(samples.GetProperty("kept").GetInt64());
    }
}
