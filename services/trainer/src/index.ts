export { startTrainer, type Trainer, type TrainerOptions } from './startTrainer';
