using Pipeline.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>A whole CLIP model as transformers' <c>CLIPModel</c> gives its outputs, under the names of the reference case.</summary>
internal sealed class ClipReference : IDisposable
{
    private readonly TorchTowers towers;

    private ClipReference(TorchTowers towers) => this.towers = towers;

    public static ClipReference Load(string folder) => new(TorchTowers.Load(folder, ClipConfig.Read(folder), new ClipSettings()));

    public Dictionary<string, Tensor> Outputs(Tensor ids, Tensor mask, Tensor pixels)
    {
        var text = towers.Text.Forward(ids, mask);
        var image = towers.Vision.Forward(pixels);
        var (textEmbeds, imageEmbeds) = (Unit(text.Projected!), Unit(image.Projected!));
        var logits = towers.Scale * imageEmbeds.matmul(textEmbeds.t());
        var values = new Dictionary<string, Tensor>
        {
            ["text_last_hidden_state"] = text.LastState,
            ["text_pooler_output"] = text.Pooled,
            ["text_last_hidden_state_no_attention_mask"] = towers.Text.Forward(ids, null).LastState,
            ["vision_last_hidden_state"] = image.LastState,
            ["vision_pooler_output"] = image.Pooled,
            ["text_features_unnormalised"] = text.Projected!,
            ["image_features_unnormalised"] = image.Projected!,
            ["text_embeds"] = textEmbeds,
            ["image_embeds"] = imageEmbeds,
            ["logits_per_image"] = logits,
            ["logits_per_text"] = logits.t(),
            ["probs_zero_shot"] = logits.softmax(-1),
        };
        Add("text_hidden", towers.Text.Hidden(ids, mask));
        Add("vision_hidden", towers.Vision.Hidden(pixels));
        return values;

        void Add(string name, IEnumerable<Tensor> states)
        {
            foreach (var (state, index) in states.Select((state, index) => (state, index)))
            {
                values[$"{name}_{index}"] = state;
            }
        }
    }

    public void Dispose() => towers.Dispose();

    private static Tensor Unit(Tensor rows) => rows / rows.norm(-1, keepdim: true);
}
