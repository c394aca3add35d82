package record_test

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// TestFormatIsDocumented: FORMAT.md names every field of a saved run, with its
// type, and none that there isn't.
func TestFormatIsDocumented(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\w+) \\| (.*) \\|\r?$").FindAllStringSubmatch(string(text), -1) {
		path, typ, meaning := row[1], row[2], row[3]
		if documented[path] != "" {
			t.Errorf("%s is documented twice", path)
		}
		if strings.TrimSpace(meaning) == "" {
			t.Errorf("%s has no meaning", path)
		}
		documented[path] = typ
	}
	exists := map[string]string{}
	fields(reflect.TypeFor[record.Run](), "", exists)
	for of, kind := range kinds {
		fields(of, kind.at, exists)
	}
	for _, path := range slices.Sorted(maps.Keys(exists)) {
		if got, want := documented[path], exists[path]; got == "" {
			t.Errorf("%s is not documented", path)
		} else if got != want {
			t.Errorf("%s is documented as %s, and is %s", path, got, want)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(documented)) {
		if exists[path] == "" {
			t.Errorf("%s is documented, and there is no such field", path)
		}
	}
}

// kinds are the objects that are found in several places: the name of their
// type, and where their fields are documented, once.
var kinds = map[reflect.Type]struct{ name, at string }{
	reflect.TypeFor[record.Sample]():      {"block", "cells[].samples[]"},
	reflect.TypeFor[record.Connections](): {"connections", "connections"},
	reflect.TypeFor[record.Stretch]():     {"stretch", "stretch"},
}

// fields notes the paths of a struct's fields and their types.
func fields(of reflect.Type, path string, into map[string]string) {
	for field := range of.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		at, typ := strings.TrimPrefix(path+"."+name, "."), field.Type
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
			switch typ.Kind() {
			case reflect.Slice:
				at += "[]"
			case reflect.Map:
				at += "{}"
			}
			typ = typ.Elem()
		}
		kind, several := kinds[typ]
		switch {
		case several && at == kind.at:
			into[at] = "object"
		case several:
			into[at] = kind.name
		case typ == reflect.TypeFor[record.Histogram]():
			into[at] = "histogram"
		case typ == reflect.TypeFor[time.Time]():
			into[at] = "string"
		case typ.Kind() == reflect.Struct:
			into[at] = "object"
			fields(typ, at, into)
		case typ.Kind() == reflect.Bool:
			into[at] = "boolean"
		case typ.Kind() == reflect.String:
			into[at] = "string"
		case typ.Kind() == reflect.Float64:
			into[at] = "number"
		default:
			into[at] = "integer"
		}
	}
}
