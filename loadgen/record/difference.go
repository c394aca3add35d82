package record

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Difference is a setting, or a fact of the machine, in which two runs differ.
type Difference struct {
	What         string // "--clients", "cpu", "target store"
	First, Other string // the values
}

// MergeError says why two runs can't be merged.
type MergeError struct {
	First, Other int // the runs, from 0, as they were given to Merge
	// Differences are all there are between the two; empty where they are the
	// same in everything, and can't be merged for another reason.
	Differences []Difference
	reason      string // follows on the names of the two
}

// Error names the runs by their numbers.
func (e *MergeError) Error() string {
	return e.Naming(func(run int) string { return fmt.Sprintf("run %d", run+1) })
}

// Naming is Error with the runs' own names, such as those of their files.
func (e *MergeError) Naming(name func(run int) string) string {
	first, other := name(e.First), name(e.Other)
	if len(e.Differences) == 0 {
		return fmt.Sprintf("%s and %s %s", first, other, e.reason)
	}
	texts := make([]string, len(e.Differences))
	for i, d := range e.Differences {
		texts[i] = fmt.Sprintf("%s %s in %s and %s in %s", d.What, d.First, first, d.Other, other)
	}
	return strings.Join(texts, "; ") + ": only runs that were asked the same on the same machine can be merged; report each by itself"
}

// differences returns in what two runs are not the same experiment: the
// settings, by the flag that sets them, and what they ran on. The address of a
// target that was started for its run may differ, and so may the number of
// files a process may open, for it changes no measurement.
func differences(a, b *Run) []Difference {
	asked, other := a.Settings, b.Settings
	if asked.Bundled && other.Bundled {
		other.URL = asked.URL
	}
	asked.Churn, other.Churn = cmp.Or(asked.Churn, new(Churn)), cmp.Or(other.Churn, new(Churn)) // none is the same as nothing asked
	ds := compare(reflect.ValueOf(asked), reflect.ValueOf(other), nil)
	for i := range ds {
		ds[i].What = flagOf(ds[i].What)
	}
	if (a.Audit == nil) != (b.Audit == nil) { // it costs the target a hash of every image
		given := map[bool]string{true: "given", false: "not given"}
		ds = append(ds, Difference{What: "--audit", First: given[a.Audit != nil], Other: given[b.Audit != nil]})
	}
	ds = append(ds, compare(reflect.ValueOf(a.Environment), reflect.ValueOf(b.Environment), nil)...)
	return append(ds, imageDifferences(a, b)...)
}

// compare returns the differences between two values of one type, field by
// field, named by the words of their path in JSON.
func compare(a, b reflect.Value, path []string) []Difference {
	switch {
	case a.Kind() == reflect.Struct:
		var ds []Difference
		for field, value := range a.Fields() {
			if name := jsonName(field); name != "open_files" {
				ds = append(ds, compare(value, b.FieldByIndex(field.Index), append(slices.Clip(path), name))...)
			}
		}
		return ds
	case a.Type() == reflect.TypeFor[map[string]string]():
		return compareMaps(a.Interface().(map[string]string), b.Interface().(map[string]string), path)
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		return compare(a.Elem(), b.Elem(), path)
	case reflect.DeepEqual(a.Interface(), b.Interface()):
		return nil
	}
	d := Difference{What: strings.Join(path, " "), First: worded(a, path), Other: worded(b, path)}
	return []Difference{d}
}

// compareMaps returns the differences key by key.
func compareMaps(a, b map[string]string, path []string) []Difference {
	var ds []Difference
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		ds = append(ds, compare(reflect.ValueOf(a[key]), reflect.ValueOf(b[key]), append(slices.Clip(path), key))...)
	}
	return ds
}

// worded writes a value for an error.
func worded(v reflect.Value, path []string) string {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return "known"
	case v.IsZero() && v.Kind() != reflect.Bool, v.Kind() == reflect.Slice && v.Len() == 0:
		return "not given"
	case v.Type() == reflect.TypeFor[CPUs](): // CPU 0 is one
		return v.Interface().(CPUs).String()
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = worded(v.Index(i), path)
		}
		return strings.Join(parts, ",")
	case v.CanFloat() && strings.HasSuffix(path[len(path)-1], "seconds"):
		return fmt.Sprintf("%gs", v.Float())
	}
	return fmt.Sprintf("%v", v)
}

// flagOf returns the flag behind a setting, where there is one.
func flagOf(setting string) string {
	switch setting {
	case "command", "bundled":
		return setting
	case "block_seconds", "seconds":
		return "--duration"
	case "local_addrs":
		return "--local-addr"
	case "churn cuts_seconds":
		return "--cut"
	case "churn lifetime_images", "churn lifetime_seconds":
		return "--lifetime"
	case "churn backoff_seconds", "churn max_backoff_seconds", "churn no_reconnect":
		return "--reconnect"
	}
	setting = strings.TrimPrefix(setting, "churn ")
	for _, unit := range []string{"_seconds", "_bytes", "_per_s"} {
		setting = strings.TrimSuffix(setting, unit)
	}
	return "--" + strings.ReplaceAll(setting, "_", "-")
}

// imageDifferences returns the files and folders that held other images in one
// run than in the other, as far as their number and mean size tell.
func imageDifferences(a, b *Run) []Difference {
	first, other := a.images(), b.images()
	var ds []Difference
	for _, c := range a.Cells {
		now, ok := other[c.Source]
		if was := first[c.Source]; ok && was != now {
			ds = append(ds, Difference{What: "images of " + c.Source, First: was, Other: now})
			delete(other, c.Source) // told
		}
	}
	return ds
}

// images tells of every file or folder what was sent of it.
func (r *Run) images() map[string]string {
	of := make(map[string]string)
	for _, c := range r.Cells {
		if c.Source != Synthetic {
			of[c.Source] = fmt.Sprintf("%d of %d bytes on average", c.Distinct, c.SizeBytes)
		}
	}
	return of
}
