//go:build tools

// Package tools names the commands that build.sh builds, so that go.mod and go.sum cover all
// that they need. It is never compiled itself.
package tools

import (
	_ "github.com/influxdata/kapacitor/cmd/kapacitord"
	_ "github.com/influxdata/kapacitor/udf/agent/examples/mirror"
	_ "github.com/influxdata/kapacitor/udf/agent/examples/moving_avg"
	_ "github.com/influxdata/kapacitor/udf/agent/examples/outliers"
	_ "github.com/influxdata/pkg-config"
)
