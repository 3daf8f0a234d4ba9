using Pipeline.Host.View;

namespace Pipeline.Host.Tests.View;

public sealed class AmountsTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999, "999 bytes")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(999_949, "999.9 kB")]
    [InlineData(999_950, "1.0 MB")]
    [InlineData(4_000_000_000, "4.0 GB")]
    [InlineData(5_000_000_000_000_000, "5000.0 TB")]
    public void Bytes_are_in_decimal_units(long bytes, string text)
    {
        var amount = Amounts.Bytes(bytes);

        amount.Should().Be(text);
    }

    [Theory]
    [InlineData(0.4, "0 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.6, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(3599.4, "59 min 59 s")]
    [InlineData(3600, "1 h 00 min")]
    [InlineData(100_000, "27 h 46 min")]
    public void Durations_are_as_exact_as_they_need_be(double seconds, string text)
    {
        var amount = Amounts.Duration(TimeSpan.FromSeconds(seconds));

        amount.Should().Be(text);
    }

    [Theory]
    [InlineData(9.94, "9.9 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(75, "1 min 15 s")]
    public void Short_times_have_a_decimal_below_ten_seconds(double seconds, string text)
    {
        var amount = Amounts.Seconds(TimeSpan.FromSeconds(seconds));

        amount.Should().Be(text);
    }

    [Theory]
    [InlineData(0.42, "0.4")]
    [InlineData(1234.4, "1,234")]
    public void Rates_have_a_decimal_below_a_hundred(double rate, string text)
    {
        var amount = Amounts.PerSecond(rate);

        amount.Should().Be(text);
    }

    [Fact]
    public void Rows_of_a_table_have_a_cell_for_each_heading()
    {
        var table = new TextTable("a", "b");

        var add = () => table.Add("1");

        add.Should().Throw<ArgumentException>();
    }
}
