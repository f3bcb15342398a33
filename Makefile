# The commands of bloomery. Each one sets the machine up first; where nothing is to do,
# that takes a second.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup up down policy test check soak bench docs lock

BIN := .venv/bin

# The site that up, down and policy work on; lab-metal has a machine with firmware of its own.
LAB := lab

# Tests of labs wait for BMCs, boots and logins most of the time: on two cores, two processes leave
# two thirds of them idle. Each holds 3 GB at most.
WORKERS := 4

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

setup: ## Install missing dependencies: Debian packages, .venv, the Pulumi engine
	@tools/setup

up: setup ## Bring the lab site up, from powered-off machines to its page
	@$(BIN)/bloomery up $(LAB)

down: setup ## Take the lab site down and remove everything it made
	@$(BIN)/bloomery down $(LAB)

policy: setup ## Check the state after the last update against the policies
	@$(BIN)/bloomery policy $(LAB)

check: setup ## Check style, types, import contract and project rules
	@tools/check

test: setup ## Run all tests except soak and bench
	@tools/check --no-rooms
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --no-loadscope-reorder --durations=15

soak: setup ## Run the kill tests: every process, every phase, five seeds; 30 min or more
	$(BIN)/python -m pytest -m soak --numprocesses=$(WORKERS) --durations=15

bench: setup ## Measure ratios to other tools, as a table and as JSON
	@PYTHONPATH=tools $(BIN)/python -m bench

docs: setup ## Regenerate the generated documentation pages
	@PYTHONPATH=tools $(BIN)/python -m pages

lock: ## Regenerate the lock files from pyproject.toml
	@tools/lock
