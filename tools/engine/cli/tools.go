//go:build tools

// Package tools keeps the Pulumi CLI a direct requirement of this module: upstream's
// own go.mod holds replace directives, so "go install" of it is refused.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
