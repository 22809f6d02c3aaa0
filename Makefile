# One word per act; every target sets up what it needs. STACK picks the stack (local, dev, prod).
SHELL := /bin/bash
.DEFAULT_GOAL := help
STACK ?= local
PROFILE ?= fast
SEED ?= 0
COUNT ?= 100
KIND ?= kill
export PROFILE
SETUP = $(if $(filter local,$(STACK)),local,azure)
PYTEST = .venv/bin/python -m pytest

.PHONY: help init up down preview test test-long unit e2e e2e-faults test-pictures test-gpu-image test-azureml test-vm kills first-contact walk judges lint format bench-up bench-scoring bench-edge bench-vision soak judge-recordings doctor clean lock

help:  ## show these targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 16

init:  ## install what this machine lacks (prints its plan; asks on a terminal; YES=1 goes on)
	@tools/init.sh $(SETUP)

up: init  ## bring the stack up: from the model's data to scored messages (STACK=local)
	@tools/up.sh $(STACK)

down: init  ## destroy the stack and prove that nothing is left
	@tools/down.sh $(STACK)

preview: init  ## show what `make up` would change
	@tools/preview.sh $(STACK)

test: init  ## unit tests, then the whole local stack
	@tools/test.sh

test-long: init  ## what takes too long for `make test`: Keras files, Azure ML's own server, attacks on ours, 30,000 routes
	@tools/test.sh long

unit:  ## the unit tests alone (no Docker, seconds)
	@tools/init.sh python
	@$(PYTEST) -q -n auto --dist loadfile --no-loadscope-reorder

e2e: init  ## the whole local stack, judged by real SDKs (PROFILE=slow: Azure on a bad day)
	@tools/e2e.sh e2e

e2e-faults: init  ## kill, cut and interrupt parts of the local stack; prints the table of losses
	@tools/e2e.sh faults

test-pictures: init  ## resnet152, maskrcnn and cifar10_keras at their full size, from data to answers of a place and a device; a camera and its page; torchvision beside Mask R-CNN, 4.8 GB once (up to half an hour; ARGS="-k camera")
	@tools/e2e.sh pictures $(ARGS)

test-gpu-image: init  ## build the scoring image for GPUs (3 GB) and hold it, without one, to what is said of it
	@$(PYTEST) -q -s -m gpu_image tests/images

test-azureml: init  ## jobs on a cluster of Azure ML and online endpoints: killed, failed, changed over under load (ARGS="-k online", EDGEWAY_RATE=200)
	@tools/e2e.sh azureml $(ARGS)

test-vm: init  ## virtual machines that boot: role late, metadata and packages failing, wrong key, full disk, kills (EDGEWAY_NO_VM=1 where systemd boots in no container)
	@tools/e2e.sh vm $(ARGS)

kills: init  ## kill parts of the local stack at random moments of up, retrain and down (SEED=17 COUNT=1 KIND=kill|interrupt|reboot)
	@. .local/tools/env; PATH="$(CURDIR)/.venv/bin:$$EDGEWAY_PULUMI:$$PATH" .venv/bin/python -m tests.kills --seed $(SEED) --count $(COUNT) --kind $(KIND) $(ARGS)

first-contact: init  ## every step of edgeway first-contact against the stand-in, and each surprise planted once
	@tools/test.sh first-contact

walk: init  ## run the commands of docs/azure.md, as Owner and as a pipeline, with the Azure CLI against a stand-in (ARGS="-k owner")
	@tools/walk.sh $(ARGS)

judges: init  ## Microsoft's clients for Node and Go and the Azure CLI against a stand-in, with a table (ARGS="--only node", ARGS=--json)
	@tools/judges.sh $(ARGS)

lint:  ## ruff, mypy strict, import contracts
	@tools/init.sh python
	@tools/lint.sh

format:  ## format the code
	@tools/init.sh python
	@.venv/bin/ruff check --fix-only -q . && .venv/bin/ruff format .

bench-up: init  ## time up, no-change up, preview and down of the local stack
	@.venv/bin/python -m bench.up

bench-scoring:  ## our scoring server beside the official one, FastAPI and MLServer, as ratios (ARGS=--quick)
	@tools/init.sh python
	@tools/setup/wrk.sh > /dev/null
	@.venv/bin/python -m bench.scoring $(ARGS)

bench-edge:  ## messages over two hops of the edge hub beside mosquitto, with goals; two minutes (ARGS=--quick: half a minute; ARGS=--json)
	@tools/init.sh python
	@tools/setup/mosquitto.sh > /dev/null
	@.venv/bin/python -m bench.edge $(ARGS)

bench-vision:  ## what is around the networks that see, resnet152 and maskrcnn beside torch under Azure ML's server, whether maskrcnn finds what torchvision finds, and from a camera's frame to the hub; 5 GB (ARGS=--json; ARGS="--only capture": 1 GB)
	@tools/init.sh python
	@.venv/bin/python -m bench.vision $(ARGS)

soak:  ## half an hour of steady load, 10,000 broken requests, Schemathesis (ARGS="--minutes 2")
	@tools/init.sh python
	@.venv/bin/python -m bench.soak $(ARGS)

judge-recordings:  ## hold the stand-in against Azure's recorded answers (FOLDER=..., ARGS=--json)
	@test -n "$(FOLDER)" || { echo "make judge-recordings FOLDER=folder-of-recordings"; exit 2; }
	@tools/init.sh python
	@. .local/tools/env; PATH="$$(dirname "$${EDGEWAY_REGISTRY:-/usr/bin/x}"):$$PATH" .venv/bin/python -m tools.recordings "$(FOLDER)" $(ARGS)

doctor:  ## list every need, what was found, and its version (STACK=dev: roles, registrations, quotas)
	@tools/init.sh python
	@.venv/bin/edgeway doctor --stack $(STACK)

clean:  ## remove .local, .artifacts and what this clone made in Docker (of images: its own names)
	@tools/clean.sh

lock:  ## resolve pyproject.toml into requirements.lock again
	@tools/lock.sh
