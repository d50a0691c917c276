// Command oracle reads line protocol with the three parsers that matter, and writes it with
// Telegraf's serializer.
//
// One request a line on stdin, one answer a line on stdout, in the same order:
//
//	read HEX     the text in hexadecimal -> what each parser makes of it
//	write HEX    name, tag key, tag value and field key, with a byte 0xff between them -> the line
//	             that Telegraf's serializer writes
//
// Texts in the answers are in hexadecimal too, since they need not be UTF-8.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/influxdata/influxdb/models"
	"github.com/influxdata/line-protocol/v2/lineprotocol"
	"github.com/influxdata/telegraf/metric"
	"github.com/influxdata/telegraf/plugins/parsers/influx"
	serializer "github.com/influxdata/telegraf/plugins/serializers/influx"
)

// point is what a parser has read. A field's value is its type's letter and its text.
type point struct {
	Name   string      `json:"name"`
	Tags   [][2]string `json:"tags"`
	Fields [][2]string `json:"fields"`
	Time   *int64      `json:"time"`
}

// reading is what one parser makes of a text: its points, and the errors of the other lines.
type reading struct {
	Points []point  `json:"points"`
	Errors []string `json:"errors"`
}

func (r *reading) fail(err error) { r.Errors = append(r.Errors, err.Error()) }

// isStuck is whether a parser reports more errors than there are bytes: on some texts one of them never
// gets to the end.
func (r *reading) isStuck(text []byte) bool { return len(r.Errors) > len(text)+1 }

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		request, err := in.ReadString('\n')
		if err != nil {
			out.Flush()
			return
		}
		answer, err := json.Marshal(answer(strings.TrimSuffix(request, "\n")))
		if err != nil {
			panic(err)
		}
		out.Write(append(answer, '\n'))
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func answer(request string) any {
	command, argument, _ := strings.Cut(request, " ")
	text, err := hex.DecodeString(argument)
	if err != nil {
		panic(err)
	}
	switch command {
	case "read":
		return map[string]reading{
			"v1": guarded(influxdb1, text), "lp2": guarded(lineProtocol2, text), "tg": guarded(telegraf, text),
		}
	case "write":
		return serialized(text)
	}
	panic("no such command: " + command)
}

// guarded reads a copy of a text. A parser that panics has refused it.
func guarded(read func([]byte) reading, text []byte) (r reading) {
	defer func() {
		if panicked := recover(); panicked != nil {
			r = reading{Errors: []string{fmt.Sprint("panic: ", panicked)}}
		}
	}()
	return read(bytes.Clone(text))
}

// influxdb1 is what InfluxDB 1.x and Kapacitor's /write call.
func influxdb1(text []byte) (r reading) {
	// No line can have this time, so that a line without one is known by it.
	none := time.Unix(0, math.MinInt64).UTC()
	points, err := models.ParsePointsWithPrecision(text, none, "n")
	if err != nil {
		for _, line := range strings.Split(err.Error(), "unable to parse '")[1:] {
			r.fail(errors.New(line))
		}
	}
	for _, p := range points {
		read := point{Name: encode(p.Name())}
		for _, tag := range p.Tags() {
			read.Tags = append(read.Tags, [2]string{encode(tag.Key), encode(tag.Value)})
		}
		fields, err := p.Fields()
		if err != nil {
			r.fail(err)
			continue
		}
		for key, value := range fields {
			read.Fields = append(read.Fields, [2]string{encode([]byte(key)), show(value)})
		}
		if at := p.UnixNano(); at != math.MinInt64 {
			read.Time = &at
		}
		r.Points = append(r.Points, read.sorted())
	}
	return r
}

// lineProtocol2 is the decoder of InfluxDB 2.x's clients.
func lineProtocol2(text []byte) (r reading) {
	decoder := lineprotocol.NewDecoderWithBytes(text)
	for decoder.Next() && !r.isStuck(text) {
		read, err := decoded(decoder)
		if err != nil {
			r.fail(err)
			continue
		}
		r.Points = append(r.Points, read.sorted())
	}
	return r
}

func decoded(decoder *lineprotocol.Decoder) (read point, err error) {
	name, err := decoder.Measurement()
	if err != nil {
		return read, err
	}
	read.Name = encode(name)
	for {
		key, value, err := decoder.NextTag()
		if err != nil {
			return read, err
		}
		if key == nil {
			break
		}
		read.Tags = append(read.Tags, [2]string{encode(key), encode(value)})
	}
	for {
		key, value, err := decoder.NextField()
		if err != nil {
			return read, err
		}
		if key == nil {
			break
		}
		read.Fields = append(read.Fields, [2]string{encode(key), show(value.Interface())})
	}
	at, err := decoder.Time(lineprotocol.Nanosecond, time.Time{})
	if err != nil {
		return read, err
	}
	if len(read.Fields) == 0 {
		return read, errors.New("no fields")
	}
	if !at.IsZero() {
		at := at.UnixNano()
		read.Time = &at
	}
	return read, nil
}

// telegraf is what processors.execd reads a plugin's output with.
func telegraf(text []byte) (r reading) {
	none := time.Unix(0, math.MinInt64).UTC()
	parser := influx.NewStreamParser(bytes.NewReader(text))
	parser.SetTimeFunc(func() time.Time { return none })
	for !r.isStuck(text) {
		metric, err := parser.Next()
		var wrong *influx.ParseError
		switch {
		case errors.Is(err, influx.EOF):
			return r
		case errors.As(err, &wrong):
			r.fail(err)
			continue
		case err != nil:
			r.fail(err)
			return r
		case metric == nil:
			continue
		}
		read := point{Name: encode([]byte(metric.Name()))}
		for _, tag := range metric.TagList() {
			read.Tags = append(read.Tags, [2]string{encode([]byte(tag.Key)), encode([]byte(tag.Value))})
		}
		for _, field := range metric.FieldList() {
			read.Fields = append(read.Fields, [2]string{encode([]byte(field.Key)), show(field.Value)})
		}
		if at := metric.Time().UnixNano(); at != math.MinInt64 {
			read.Time = &at
		}
		r.Points = append(r.Points, read.sorted())
	}
	return r
}

// serialized is what processors.execd writes to a plugin.
func serialized(text []byte) map[string]string {
	parts := bytes.Split(text, []byte{0xff})
	name, key, value, field := string(parts[0]), string(parts[1]), string(parts[2]), string(parts[3])
	m := metric.New(name, map[string]string{key: value}, map[string]any{field: int64(1)}, time.Unix(0, 5))
	writer := serializer.Serializer{}
	if err := writer.Init(); err != nil {
		panic(err)
	}
	written, err := writer.Serialize(m)
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	return map[string]string{"text": encode(written)}
}

func (p point) sorted() point {
	byKey := func(pairs [][2]string) {
		sort.SliceStable(pairs, func(i, j int) bool { return pairs[i][0] < pairs[j][0] })
	}
	byKey(p.Tags)
	byKey(p.Fields)
	return p
}

func encode(text []byte) string { return hex.EncodeToString(text) }

func show(value any) string {
	switch value := value.(type) {
	case float64:
		// By its bits: zero has a sign.
		return "f" + strconv.FormatUint(math.Float64bits(value), 16)
	case int64:
		return "i" + strconv.FormatInt(value, 10)
	case uint64:
		return "u" + strconv.FormatUint(value, 10)
	case bool:
		return "b" + strconv.FormatBool(value)
	case string:
		return "s" + encode([]byte(value))
	case []byte:
		return "s" + encode(value)
	}
	return fmt.Sprintf("?%T", value)
}
