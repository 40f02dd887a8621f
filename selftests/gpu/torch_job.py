#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
torch_job.py - what an accelerator's tests run on a real GPU, told phase by phase

  torch_job.py [--script SCRIPT] [--times FILE] [--scale small|medium|large] [--seed N]

Transformers of random weights on random input: a GPT that is trained (bf16, AdamW), and
a Llama-like one (grouped queries, SwiGLU) that answers requests with prefill and decode.
What they do is done by PyTorch's own kernels; only its meaning is ours. Whenever that
changes, and the GPU has been waited for, the name of the new phase goes to the file
$ACCELGOV_LABELS, as Documentation/record.rst says.

SCRIPT is a list of steps, divided by commas, NAME or NAME:SECONDS:

  idle        nothing holds the GPU (first step only: before CUDA is started)
  loaded      weights lie in memory, nothing runs
  train       training steps, with a slow loader now and then and one checkpoint
  steps       training steps and nothing else; their times go to FILE
  prefill     prompts, one batch after another
  decode      tokens, one after another, each step a CUDA graph
  eager       the same without graphs: the host is slower than the GPU
  serve       requests in turns: prompt, answer, a pause

Each line of FILE is CLOCK_MONOTONIC in ns at the end of a training step, and the time
that it took in us.
"""
import argparse
import os
import random
import time

TURNS = ("idle:4,loaded:4,train:40,loaded:4,prefill:6,decode:8,serve:24,eager:6,loaded:6,"
         "train:12,serve:12")
TRAIN = {"small": (4, 256, 4, 128, 4, 2), "medium": (16, 1536, 12, 2048, 4, 18),
         "large": (24, 2048, 16, 1024, 8, 8)}
SERVE = {"small": (4, 256, 4, 2, 4), "medium": (32, 4096, 32, 8, 48),
         "large": (40, 5120, 40, 8, 32)}


def labels():
    path = os.environ.get("ACCELGOV_LABELS")
    file = open(path, "a") if path else None

    def say(name):
        if file:
            print(name, time.monotonic_ns(), file=file, flush=True)

    return say


class Trainer:
    """A GPT: layers, width, heads, tokens of a sequence, sequences, accumulated batches."""

    def __init__(self, torch, shape, label):
        self.torch = torch
        self.label = label
        layers, width, heads, self.tokens, self.batch, self.accumulate = shape
        nn = torch.nn
        self.vocab = 32000

        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.n1, self.n2 = nn.LayerNorm(width), nn.LayerNorm(width)
                self.qkv = nn.Linear(width, 3 * width, bias=False)
                self.out = nn.Linear(width, width, bias=False)
                self.up = nn.Linear(width, 4 * width, bias=False)
                self.down = nn.Linear(4 * width, width, bias=False)

            def forward(self, x):
                b, t, _ = x.shape
                q, k, v = self.qkv(self.n1(x)).view(b, t, 3, heads, -1).permute(2, 0, 3, 1, 4)
                y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
                x = x + self.out(y.transpose(1, 2).reshape(b, t, width))
                return x + self.down(nn.functional.gelu(self.up(self.n2(x))))

        with torch.device("cuda"):
            self.model = nn.Sequential(
                nn.Embedding(self.vocab, width),
                *(Block() for _ in range(layers)),
                nn.LayerNorm(width),
                nn.Linear(width, self.vocab, bias=False),
            ).to(torch.bfloat16)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, foreach=True)

    def sync(self, name):
        self.torch.cuda.synchronize()
        self.label(name)

    def step(self):
        torch = self.torch
        self.label("forward")
        for _ in range(self.accumulate):
            ids = torch.randint(self.vocab, (self.batch, self.tokens + 1), device="cuda")
            logits = self.model(ids[:, :-1])
            loss = torch.nn.functional.cross_entropy(
                logits.reshape(-1, self.vocab), ids[:, 1:].reshape(-1))
            (loss / self.accumulate).backward()
        self.sync("optimizer")
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.sync("-")

    def stall(self, seconds):
        self.label("input")
        time.sleep(seconds)

    def checkpoint(self, path):
        self.label("checkpoint")
        with open(path, "wb") as file:
            self.torch.save(self.model.state_dict(), file)
            file.flush()
            os.fsync(file.fileno())
        os.unlink(path)
        self.label("-")


class Server:
    """Llama-like: layers, width, heads, heads of keys and values, sequences."""

    def __init__(self, torch, shape, label):
        self.torch = torch
        self.label = label
        layers, width, heads, groups, self.batch = shape
        self.room = 2048
        size = width // heads
        inner = width * 8 // 3 // 128 * 128
        self.width, self.heads, self.groups, self.size = width, heads, groups, size

        def weight(a, b):
            return torch.randn(a, b, device="cuda", dtype=torch.bfloat16) * a ** -0.5

        self.vocab = 32000
        self.embed = weight(self.vocab, width)
        self.head = weight(width, self.vocab)
        self.layers = [
            (weight(width, width + 2 * groups * size), weight(width, width),
             weight(width, 2 * inner), weight(inner, width)) for _ in range(layers)]
        self.cache = [
            torch.zeros(2, self.batch, groups, self.room, size, device="cuda",
                        dtype=torch.bfloat16) for _ in range(layers)]
        self.positions = torch.arange(self.room, device="cuda")
        self.at = torch.zeros(1, device="cuda", dtype=torch.long)
        self.ids = torch.zeros(self.batch, 1, device="cuda", dtype=torch.long)
        self.capture()

    def block(self, x, layer, attend):
        """One layer; @attend has keys and values stored and answers queries."""
        functional = self.torch.nn.functional
        b, t, _ = x.shape
        qkv, out, up, down = layer
        y = functional.rms_norm(x, (self.width,)) @ qkv
        q, k, v = y.split((self.width, self.groups * self.size,
                           self.groups * self.size), dim=-1)
        y = attend(q.view(b, t, self.heads, self.size).transpose(1, 2),
                   k.view(b, t, self.groups, self.size).transpose(1, 2),
                   v.view(b, t, self.groups, self.size).transpose(1, 2))
        x = x + y.transpose(1, 2).reshape(b, t, self.width) @ out
        gate, y = (functional.rms_norm(x, (self.width,)) @ up).chunk(2, dim=-1)
        return x + (functional.silu(gate) * y) @ down

    def answer(self, x):
        normal = self.torch.nn.functional.rms_norm(x[:, -1:], (self.width,))
        return (normal @ self.head).argmax(-1)

    def prompt(self, ids, first):
        """Tokens @ids of sequences from @first on."""
        attention = self.torch.nn.functional.scaled_dot_product_attention
        b, t = ids.shape
        x = self.embed[ids]
        for layer, cache in zip(self.layers, self.cache):
            def attend(q, k, v):
                cache[0, first:first + b, :, :t] = k
                cache[1, first:first + b, :, :t] = v
                return attention(q, k, v, is_causal=True, enable_gqa=True)
            x = self.block(x, layer, attend)
        return self.answer(x)

    def token(self):
        """One token of all sequences, at self.at, into self.ids: shapes never change."""
        x = self.embed[self.ids]
        hidden = (self.positions > self.at).view(1, 1, 1, -1)
        for layer, cache in zip(self.layers, self.cache):
            def attend(q, k, v):
                cache[0].index_copy_(2, self.at, k)
                cache[1].index_copy_(2, self.at, v)
                # Heads of one group are rows of one product.
                q = q.reshape(self.batch, self.groups, -1, self.size)
                score = (q @ cache[0].transpose(2, 3)) * self.size ** -0.5
                score = score.masked_fill(hidden, float("-inf")).softmax(-1)
                return (score @ cache[1]).reshape(self.batch, self.heads, 1, self.size)
            x = self.block(x, layer, attend)
        self.ids.copy_(self.answer(x))
        self.at.add_(1)

    def capture(self):
        """Records a step as a graph, after it has run on a stream of its own."""
        torch = self.torch
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            self.token()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.token()

    def prefill(self, tokens, sequences=4):
        ids = self.torch.randint(self.vocab, (self.batch, tokens), device="cuda")
        for first in range(0, self.batch, sequences):
            last = self.prompt(ids[first:first + sequences], first)
            self.ids[first:first + sequences] = last
        self.at.fill_(tokens)
        self.torch.cuda.synchronize()

    def decode(self, tokens, eager=False):
        for _ in range(tokens):
            if eager:
                self.token()
            else:
                self.graph.replay()
        self.torch.cuda.synchronize()


class Job:
    def __init__(self, arguments):
        self.label = labels()
        self.label("-")
        self.scale = arguments.scale
        self.random = random.Random(arguments.seed)
        self.times = open(arguments.times, "a") if arguments.times else None
        self.directory = arguments.directory
        self.torch = self.trainer = self.server = None

    def start(self):
        if self.torch:
            return self.torch
        self.label("-")
        import torch

        if not torch.cuda.is_available():
            raise SystemExit("torch_job.py: PyTorch sees no GPU")
        torch.manual_seed(1)
        torch.zeros(1, device="cuda")
        self.torch = torch
        return torch

    def training(self):
        torch = self.start()
        if not self.trainer:
            self.server = None
            self.label("-")
            torch.cuda.empty_cache()
            self.trainer = Trainer(torch, TRAIN[self.scale], self.label)
            for _ in range(2):
                self.trainer.step()
        return self.trainer

    def serving(self):
        torch = self.start()
        if not self.server:
            self.trainer = None
            self.label("-")
            torch.cuda.empty_cache()
            with torch.inference_mode():
                self.server = Server(torch, SERVE[self.scale], self.label)
                self.server.prefill(256)
                self.server.decode(4)
        return self.server

    def idle(self, end):
        if self.torch:
            raise SystemExit("torch_job.py: idle is the first step or none")
        self.label("idle")
        time.sleep(max(0, end - time.monotonic()))
        self.start()

    def loaded(self, end):
        self.start().cuda.synchronize()
        self.label("loaded-idle")
        time.sleep(max(0, end - time.monotonic()))

    def train(self, end):
        trainer, step = self.training(), 0
        while time.monotonic() < end:
            trainer.step()
            step += 1
            if step % 9 == 8:
                trainer.stall(self.random.uniform(0.5, 2))
            if step == 16:
                trainer.checkpoint(os.path.join(self.directory, "checkpoint.pt"))
        print("train:", step, "steps")

    def steps(self, end):
        trainer, step = self.training(), 0
        while time.monotonic() < end:
            begin = time.monotonic_ns()
            trainer.step()
            now = time.monotonic_ns()
            step += 1
            if self.times:
                print(now, (now - begin) // 1000, file=self.times, flush=True)
        print("steps:", step)

    def prefill(self, end):
        server, done = self.serving(), 0
        with self.torch.inference_mode():
            self.label("prefill")
            while time.monotonic() < end:
                server.prefill(1024)
                done += 1
        print("prefill:", done * server.batch * 1024, "tokens")

    def decode(self, end, eager=False):
        server, done = self.serving(), 0
        with self.torch.inference_mode():
            self.label("-")
            server.prefill(1024)
            self.label("decode")
            while time.monotonic() < end:
                if done % 512 == 0:
                    server.at.fill_(1024)
                server.decode(16, eager)
                done += 16
        self.label("-")
        print("decode, eager:" if eager else "decode:", done * server.batch, "tokens")

    def eager(self, end):
        self.decode(end, True)

    def serve(self, end):
        server, done = self.serving(), 0
        with self.torch.inference_mode():
            while time.monotonic() < end:
                prompt = self.random.choice((256, 512, 1024, 1536))
                self.label("prefill")
                server.prefill(prompt)
                self.label("decode")
                server.decode(self.random.randrange(60, 400))
                done += 1
                self.label("loaded-idle")
                time.sleep(self.random.uniform(0.1, 2))
        print("serve:", done, "batches of requests")

    def run(self, script):
        for step in script.split(","):
            name, _, seconds = step.partition(":")
            if name not in ("idle", "loaded", "train", "steps", "prefill", "decode", "eager",
                            "serve"):
                raise SystemExit(f"torch_job.py: no step is named '{name}' (see --help)")
            # What a step needs is made before its time begins.
            if name in ("train", "steps"):
                self.training()
            elif name in ("prefill", "decode", "eager", "serve"):
                self.serving()
            getattr(self, name)(time.monotonic() + float(seconds or 10))
        self.label("-")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", default=TURNS)
    parser.add_argument("--times", metavar="FILE")
    parser.add_argument("--scale", choices=tuple(TRAIN), default="large")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", default="/tmp", help="for the checkpoint")
    arguments = parser.parse_args()
    Job(arguments).run(arguments.script)


if __name__ == "__main__":
    main()
