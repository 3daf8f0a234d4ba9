namespace Pipeline.Models.Clip;

/// <summary>Takes a CLIP model's sizes out of <c>config.json</c>.</summary>
internal static class ClipConfigReader
{
    private const int MostWidth = 16_384;

    /// <summary>Fields of transformers' <c>PretrainedConfig</c> and of training that leave an embedding as it is. Fields that begin with an underscore are its notes.</summary>
    private static readonly HashSet<string> Neutral =
    [
        .. "architectures attention_dropout attn_implementation bad_words_ids begin_suppress_tokens bos_token_id chunk_size_feed_forward cross_attention_hidden_size".Split(
            ' '
        ),
        .. "decoder_start_token_id diversity_penalty do_sample dropout dtype early_stopping encoder_no_repeat_ngram_size exponential_decay_length_penalty".Split(
            ' '
        ),
        .. "finetuning_task forced_bos_token_id forced_eos_token_id id2label initializer_factor initializer_range label2id length_penalty".Split(
            ' '
        ),
        .. "logit_scale_init_value max_length min_length name_or_path no_repeat_ngram_size num_beam_groups num_beams num_return_sequences".Split(
            ' '
        ),
        .. "output_attentions output_hidden_states output_scores pad_token_id prefix problem_type remove_invalid_values repetition_penalty return_dict".Split(
            ' '
        ),
        .. "return_dict_in_generate sep_token_id suppress_tokens task_specific_params temperature tf_legacy_loss tie_encoder_decoder tie_word_embeddings".Split(
            ' '
        ),
        .. "tokenizer_class top_k top_p torch_dtype torchscript transformers_version typical_p use_bfloat16".Split(' '),
    ];

    /// <summary>Fields that must say nothing: anything else would be another computation.</summary>
    private static readonly HashSet<string> MustBeOff = ["add_cross_attention", "is_decoder", "is_encoder_decoder", "pruned_heads"];

    private static readonly string[] Top =
    [
        "model_type",
        "projection_dim",
        "text_config",
        "text_config_dict",
        "vision_config",
        "vision_config_dict",
    ];

    private static readonly string[] OfTower =
    [
        "model_type",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "layer_norm_eps",
        "hidden_act",
        "projection_dim",
    ];

    private static readonly string[] OfText = [.. OfTower, "vocab_size", "max_position_embeddings", "eos_token_id"];
    private static readonly string[] OfVision = [.. OfTower, "image_size", "patch_size", "num_channels"];

    public static ClipConfig Read(ConfigObject root)
    {
        CheckKnown(root, Top);
        return new ClipConfig(
            Text(Section(root, "text_config", OfText)),
            Vision(Section(root, "vision_config", OfVision)),
            root.Whole("projection_dim", 512, 1, MostWidth)
        );
    }

    /// <summary>The fields of <paramref name="text"/> alone: a <c>clip_text_model</c>, or a text section.</summary>
    public static ClipTextConfig Text(ConfigObject? text)
    {
        var tower = text is null ? new ClipTower(512, 2048, 12, 8, 1e-5, ClipActivation.QuickGelu) : Tower(text, OfText, 512, 2048, 8);
        return new ClipTextConfig(
            tower,
            text?.Whole("vocab_size", 49_408, 3, 1 << 21) ?? 49_408,
            text?.Whole("max_position_embeddings", 77, 3, 4096) ?? 77,
            text?.Whole("eos_token_id", 49_407, 0, 1 << 21) ?? 49_407
        );
    }

    /// <summary>The fields of <paramref name="vision"/> alone: a <c>clip_vision_model</c>, or a vision section.</summary>
    public static ClipVisionConfig Vision(ConfigObject? vision)
    {
        if (vision is null)
        {
            return new ClipVisionConfig(new ClipTower(768, 3072, 12, 12, 1e-5, ClipActivation.QuickGelu), 224, 32);
        }

        var tower = Tower(vision, OfVision, 768, 3072, 12);
        vision.Whole("num_channels", 3, 3, 3);
        var size = vision.Whole("image_size", 224, 1, 4096);
        return new ClipVisionConfig(tower, size, vision.Whole("patch_size", 32, 1, size));
    }

    private static ClipTower Tower(ConfigObject section, string[] known, int width, int hidden, int heads)
    {
        CheckKnown(section, known);
        width = section.Whole("hidden_size", width, 1, MostWidth);
        heads = section.Whole("num_attention_heads", heads, 1, 1024);
        if (width % heads != 0)
        {
            throw section.Wrong("num_attention_heads", $"{heads}", $"a divisor of hidden_size, which is {width}");
        }

        var epsilon = section.Number("layer_norm_eps", 1e-5);
        if (epsilon is <= 0 or > 0.1)
        {
            throw section.Wrong("layer_norm_eps", $"{epsilon}", "over 0 and at most 0.1");
        }

        return new ClipTower(
            width,
            section.Whole("intermediate_size", hidden, 1, 4 * MostWidth),
            section.Whole("num_hidden_layers", 12, 1, 256),
            heads,
            epsilon,
            section.Text("hidden_act") switch
            {
                null or "quick_gelu" => ClipActivation.QuickGelu,
                "gelu" => ClipActivation.Gelu,
                var other => throw section.Wrong("hidden_act", $"\"{other}\"", "quick_gelu or gelu"),
            }
        );
    }

    /// <summary>
    /// <c>x_config_dict</c> where it stands, else <c>x_config</c>: transformers lets the former, with defaults for what it leaves out, overrule the latter.
    /// </summary>
    /// <exception cref="InvalidDataException">Both stand there and state another size: published files never do, and which was meant cannot be told.</exception>
    private static ConfigObject? Section(ConfigObject root, string name, string[] known)
    {
        var (plain, overruling) = (root.Object(name), root.Object($"{name}_dict"));
        if (plain is null || overruling is null)
        {
            return overruling ?? plain;
        }

        foreach (var field in known.Where(field => field != "eos_token_id" && overruling.Has(field) && plain.Has(field)))
        {
            var (first, second) = (plain.Raw(field)?.GetRawText(), overruling.Raw(field)?.GetRawText());
            if (first != second)
            {
                throw plain.Wrong(field, $"{first}", $"{second}, as {name}_dict has it", "Delete the one that is wrong.");
            }
        }

        return overruling;
    }

    private static void CheckKnown(ConfigObject section, string[] known)
    {
        foreach (var name in section.Names)
        {
            if (MustBeOff.Contains(name))
            {
                var value = section.Raw(name)?.GetRawText();
                if (value is not ("false" or "{}"))
                {
                    throw section.Wrong(name, $"{value}", "false or empty: this would be another computation", "Take a plain CLIP model.");
                }
            }
            else if (!known.Contains(name) && !Neutral.Contains(name) && !name.StartsWith('_'))
            {
                var value = section.Raw(name) is { } raw ? ConfigObject.Kind(raw) : "";
                throw section.Wrong(name, value, $"absent: this field is not known and may change the result", "Delete it if it does not.");
            }
        }
    }
}
