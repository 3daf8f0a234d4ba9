using System.Text.Json;

namespace Pipeline.EndToEnd.Tests;

/// <summary>The report as a browser shows it. With PIPELINE_REPORT_PAGE set to a page, that one is looked at; the pictures stay in artifacts/screenshots.</summary>
public sealed class ReportPageTests(ReferenceRun reference)
{
    /// <summary>The least contrast of any text to what is behind it (WCAG 2.2, 1.4.3), and where it is.</summary>
    private const string Contrast = """
        (() => {
          const pencil = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
          const paint = colours => {
            pencil.clearRect(0, 0, 1, 1);
            for (const colour of colours) { pencil.fillStyle = colour; pencil.fillRect(0, 0, 1, 1); }
            return [...pencil.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const light = rgb => {
            const [r, g, b] = rgb.map(v => v / 255).map(v => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          let least = { contrast: 99, text: '' };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            const text = walker.currentNode.textContent.trim();
            if (!text || !element.checkVisibility() || element.closest('script, style, noscript')) continue;
            const behind = [];
            for (let one = element; one; one = one.parentElement) behind.unshift(getComputedStyle(one).backgroundColor);
            const ground = paint(behind);
            const ink = paint([...behind, getComputedStyle(element).color]);
            const [high, low] = [light(ground), light(ink)].sort((a, b) => b - a);
            const contrast = (high + 0.05) / (low + 0.05);
            if (contrast < least.contrast) least = { contrast, text };
          }
          return least;
        })()
        """;

    /// <summary>What reaches out of the page to the right, but for what scrolls in itself.</summary>
    private const string Outside = """
        [...document.body.querySelectorAll('*')]
          .filter(element => element.checkVisibility() && !element.parentElement.closest('.scroll, nav ul, .uplot'))
          .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
          .map(element => `${element.tagName} ${element.className} ends at ${element.getBoundingClientRect().right}`)
        """;

    private static readonly string Screenshots = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "screenshots"));

    [Theory]
    [InlineData(1280, "light")]
    [InlineData(1280, "dark")]
    [InlineData(390, "light")]
    [InlineData(390, "dark")]
    public async Task Page_is_whole_fits_its_width_and_can_be_read(int width, string scheme)
    {
        var (program, url) = await PageAsync();
        await using var browser = await Browser.OpenAsync(program, url, width, scheme);

        await browser.EvaluateAsync("document.querySelectorAll('details').forEach(part => part.open = true)");
        await browser.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        var outside = await browser.EvaluateAsync(Outside);
        var charts = await browser.EvaluateAsync(
            "[...document.querySelectorAll('[data-chart]')].map(place => (place.querySelector('canvas')?.clientWidth ?? 0) / place.clientWidth)"
        );
        var broken = await browser.EvaluateAsync("[...document.images].filter(image => image.naturalWidth === 0).length");
        var least = await browser.EvaluateAsync(Contrast);
        Directory.CreateDirectory(Screenshots);
        await File.WriteAllBytesAsync(Path.Combine(Screenshots, $"report-{width}-{scheme}.png"), await browser.ScreenshotAsync());

        browser.Complaints.Should().BeEmpty();
        browser.Requests(url).Should().BeEmpty();
        outside.EnumerateArray().Select(element => element.GetString()).Should().BeEmpty("the page must not scroll sideways");
        charts
            .EnumerateArray()
            .Select(share => share.GetDouble())
            .Should()
            .HaveCountGreaterThan(2)
            .And.OnlyContain(share => share > 0.99 && share <= 1);
        broken.GetInt32().Should().Be(0);
        least.GetProperty("contrast").GetDouble().Should().BeGreaterThanOrEqualTo(4.5, $"it is that of '{least.GetProperty("text")}'");
    }

    [Fact]
    public async Task Pairs_are_filtered_by_class_description_and_verdict()
    {
        var (program, url) = await PageAsync();
        await using var browser = await Browser.OpenAsync(program, url, 1280, "light");

        var results = await browser.EvaluateAsync(
            """
            (async () => {
              const form = document.querySelector('.filters');
              const pairs = [...document.querySelectorAll('.pair')];
              const shown = () => pairs.filter(pair => pair.checkVisibility());
              const results = [];
              const note = (wanted, right) =>
                results.push({ wanted, shown: shown().length, right: shown().every(right), said: form.querySelector('output').textContent });
              for (const select of form.querySelectorAll('select')) {
                for (const option of [...select.options].slice(1)) {
                  const right = pair => pair.dataset[select.name] === option.value;
                  const wanted = pairs.filter(right).length;
                  select.value = option.value;
                  select.dispatchEvent(new Event('change', { bubbles: true }));
                  note(Math.min(wanted, 24), right);
                  document.querySelector('.more button').click();
                  note(wanted, right);
                }
                form.querySelector('button').click();
                await new Promise(done => setTimeout(done));
                note(Math.min(pairs.length, 24), () => true);
              }
              return results;
            })()
            """
        );

        var found = results.Deserialize<Filtered[]>(JsonSerializerOptions.Web) ?? [];
        found.Should().HaveCountGreaterThan(6);
        found.Should().OnlyContain(step => step.Wanted > 0 && step.Shown == step.Wanted && step.Right);
        found.Should().OnlyContain(step => step.Said.StartsWith($"{step.Shown} of "));
        browser.Complaints.Should().BeEmpty();
    }

    private async Task<(string Program, string Url)> PageAsync()
    {
        if (Browser.Program is not { } program)
        {
            Assert.Skip("chromium is not installed; infra/setup.sh --tests installs it on Debian.");
            throw new InvalidOperationException("A skipped test goes no further.");
        }

        if (Environment.GetEnvironmentVariable("PIPELINE_REPORT_PAGE") is { } other)
        {
            return (program, new Uri(Path.GetFullPath(other)).AbsoluteUri);
        }

        await reference.Run;
        return (program, new Uri(Path.Combine(reference.Output, "report", "index.html")).AbsoluteUri);
    }

    private sealed record Filtered(int Wanted, int Shown, bool Right, string Said);
}
