/** The two networks that `npm start` trains: built-in and custom layers mixed. */
import { nn, type Tensor } from 'tenzo'
import { CenteredLayer, ChannelNorm, MyLinear, RunningCentre } from './layers'

const { functional: F } = nn

/** A multilayer perceptron. `shared` runs twice with the same weights. */
export class MLP extends nn.Module {
  norm = new ChannelNorm()
  flatten = new nn.Flatten()
  centre = new RunningCentre(784)
  hidden = new nn.Linear(784, 256)
  mine = new MyLinear(256, 128)
  shared = new nn.Linear(128, 128)
  dropout = new nn.Dropout(0.2)
  centred = new CenteredLayer()
  out = new nn.Linear(128, 10)

  forward(images: Tensor): Tensor {
    const x = this.centre(this.flatten(this.norm(images)))
    let h = this.mine(this.dropout(F.relu(this.hidden(x))))
    h = F.relu(this.shared(h))
    h = F.relu(this.shared(h))
    return this.out(this.centred(this.dropout(h)))
  }
}

/** LeNet (LeCun et al. 1998) with ReLU and max pooling. */
export class LeNet extends nn.Module {
  norm = new ChannelNorm()
  features = new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
  )
  centre = new RunningCentre(400)
  classifier = new nn.Sequential(
    new MyLinear(400, 120),
    new nn.Linear(120, 84),
    new nn.ReLU(),
    new CenteredLayer(),
    new nn.Linear(84, 10),
  )

  forward(images: Tensor): Tensor {
    return this.classifier(this.centre(this.features(this.norm(images))))
  }
}
