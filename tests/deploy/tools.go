//go:build tools

// Package tools names the command that tools.sh builds, so that go.mod and go.sum cover all that it
// needs. It is never compiled itself.
package tools

import _ "github.com/compose-spec/compose-go/v2/cmd"
