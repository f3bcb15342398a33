//go:build tools

// Package tools keeps Pulumi's Python language host a requirement of this module. It is
// a module apart from the CLI: its sources do not compile against the CLI's version.
package tools

import _ "github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3"
