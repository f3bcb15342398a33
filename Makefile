# The commands of bloomery. Each one sets the machine up first; where nothing is to do,
# that takes a second.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup up down policy test check soak bench docs lock

BIN := .venv/bin

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

setup: ## Install what is missing: Debian packages, .venv, the Pulumi engine
	@tools/setup

up: setup ## Bring the lab site up, from powered-off machines to its page
	@$(BIN)/bloomery up lab

down: setup ## Take the lab site down and remove everything it made
	@$(BIN)/bloomery down lab

policy: setup ## Hold what the last update left against the policies
	@$(BIN)/bloomery policy lab

check: setup ## Style, types, import contract, and the project rules
	@tools/check

test: setup ## Everything but soaks and benches
	@tools/check --no-rooms
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --no-loadscope-reorder \
		--durations=15

soak: setup ## Every victim, every phase, five seeds: half an hour and more
	$(BIN)/python -m pytest -m soak --numprocesses=auto --maxprocesses=4 --durations=15

bench: setup ## Ratios against plain tools, as a table and as JSON
	@PYTHONPATH=tools $(BIN)/python -m bench

docs: setup ## Draw the pictures and write the generated pages anew
	@PYTHONPATH=tools $(BIN)/python -m pages

lock: ## Write the lock files anew from pyproject.toml
	@tools/lock
