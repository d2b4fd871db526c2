// Asks Prometheus Alertmanager's own packages what they make of something: the peer that tests compare with.
// Each line of standard input is a question in JSON, each line of standard output its answer.
// With arguments it is amtool.
package main

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v2"

	"github.com/prometheus/alertmanager/cli"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/alertmanager/timeinterval"
)

type question struct {
	// A configuration file, and labels whose receivers are wanted; without labels, whether it is valid.
	Config string              `json:"config"`
	Labels []map[string]string `json:"labels"`
	// A time interval in YAML, and instants in seconds since the epoch.
	Interval string  `json:"interval"`
	At       []int64 `json:"at"`
	// Matchers as the configuration writes them.
	Matchers *string `json:"matchers"`
}

type answer struct {
	Error     string      `json:"error"`
	Receivers [][]string  `json:"receivers"`
	Holds     []bool      `json:"holds"`
	Matchers  [][3]string `json:"matchers"`
}

func main() {
	if len(os.Args) > 1 {
		cli.Execute()
		return
	}
	flags, err := featurecontrol.NewFlags(slog.New(slog.DiscardHandler), "")
	if err != nil {
		panic(err)
	}
	compat.InitFromFlags(slog.New(slog.DiscardHandler), flags)
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			panic(err)
		}
		told, err := asked.answer()
		if err != nil {
			told = answer{Error: err.Error()}
		}
		line, err := json.Marshal(told)
		if err != nil {
			panic(err)
		}
		out.Write(append(line, '\n'))
	}
}

func (asked question) answer() (answer, error) {
	switch {
	case asked.Matchers != nil:
		return matchers(*asked.Matchers)
	case asked.Interval != "":
		return interval(asked.Interval, asked.At)
	}
	return routing(asked.Config, asked.Labels)
}

func matchers(text string) (told answer, err error) {
	found, err := compat.Matchers(text, "peer")
	for _, m := range found {
		told.Matchers = append(told.Matchers, [3]string{m.Name, m.Type.String(), m.Value})
	}
	return told, err
}

func interval(text string, at []int64) (told answer, err error) {
	var parsed timeinterval.TimeInterval
	if err := yaml.UnmarshalStrict([]byte(text), &parsed); err != nil {
		return told, err
	}
	for _, seconds := range at {
		told.Holds = append(told.Holds, parsed.ContainsTime(time.Unix(seconds, 0).UTC()))
	}
	return told, nil
}

func routing(text string, labels []map[string]string) (told answer, err error) {
	loaded, err := config.Load(text)
	if err != nil {
		return told, err
	}
	root := dispatch.NewRoute(loaded.Route, nil)
	for _, given := range labels {
		set := model.LabelSet{}
		for name, value := range given {
			set[model.LabelName(name)] = model.LabelValue(value)
		}
		receivers := []string{}
		for _, route := range root.Match(set) {
			receivers = append(receivers, route.RouteOpts.Receiver)
		}
		told.Receivers = append(told.Receivers, receivers)
	}
	return told, nil
}
