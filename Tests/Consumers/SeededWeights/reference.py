"""Records the logits of torchvision's ResNet-18 and MobileNetV2 with seeded weights, for the packages beside this one.

    python3 reference.py

For each network it writes weights.txt, from which seeded-weights makes the same weights without PyTorch, and
logits.txt. It needs torch, torchvision and numpy; the releases are in the first line of logits.txt.
"""

import pathlib

import numpy
import torch
import torchvision

FOLDER = pathlib.Path(__file__).resolve().parent.parent


def seeded(count, scale, offset, seed):
    """SplitMix64's upper 24 bits as floats from offset - scale / 2 to offset + scale / 2."""
    numbers = numpy.arange(1, count + 1, dtype=numpy.uint64)
    bits = numpy.uint64(seed) + numbers * numpy.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> numpy.uint64(31))
    fractions = (bits >> numpy.uint64(40)).astype(numpy.float32) * numpy.float32(2**-24)
    return numpy.float32(offset) + numpy.float32(scale) * (fractions - numpy.float32(0.5))


def distribution(name, tensor):
    """Scale and offset of a tensor's values, with which maps neither vanish nor grow beyond a few tens."""
    if name.endswith("running_var"):
        return 1, 1
    if name.endswith("running_mean") or name.endswith("bias"):
        return 0.25, 0
    if tensor.dim() == 1:  # the gammas of batch normalizations; smaller at the end of ResNet's residuals
        return (0.25, 0.375) if name.endswith("bn2.weight") else (0.5, 0.75)
    inputs = tensor[0].numel()
    return round(2 * (6 / inputs) ** 0.5, 6) if tensor.dim() == 4 else round(2 * inputs**-0.5, 6), 0


def record(folder, name, model):
    state, lines = {}, []
    for index, (key, tensor) in enumerate(model.state_dict().items()):
        if key.endswith("num_batches_tracked"):
            continue
        scale, offset = distribution(key, tensor)
        state[key] = torch.from_numpy(seeded(tensor.numel(), scale, offset, index)).reshape(tensor.shape)
        lines.append(f"{key} {'x'.join(map(str, tensor.shape))} {index} {scale} {offset}")
    model.load_state_dict(state, strict=False)
    model.eval()
    image = torch.from_numpy(seeded(3 * 224 * 224, 4, 0, 1 << 32)).reshape(1, 3, 224, 224)
    with torch.inference_mode():
        logits = model(image)[0]
        exact = model.double()(image.double())[0]
    error = (logits - exact).abs().max()
    print(f"{name}: logits {logits.min():.3f} to {logits.max():.3f}, PyTorch's float32 is {error:.1e} from its float64")
    folder = FOLDER / folder
    (folder / "weights.txt").write_text("\n".join(lines) + "\n")
    head = f"# {name} of torchvision {torchvision.__version__}, PyTorch {torch.__version__}, on the CPU in float32"
    (folder / "logits.txt").write_text("\n".join([head] + [f"{value:.9g}" for value in logits.tolist()]) + "\n")


record("ResNet18", "resnet18", torchvision.models.resnet18(weights=None))
record("MobileNetV2", "mobilenet_v2", torchvision.models.mobilenet_v2(weights=None))
