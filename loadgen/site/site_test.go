package site

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestSurvey(t *testing.T) {
	s := Survey(t.Context(), serve(t, saying(`{"schema":"wsimg.stats/1","store":"latest","cpu_ns":5,"environment":{"cores":64}}`)), "v1.2.3", Access{})
	defer s.Close()
	env := s.Environment
	if env.Wsimg != "v1.2.3" || env.Cores == 0 {
		t.Errorf("got wsimg %q and %d cores of this machine", env.Wsimg, env.Cores)
	}
	if !env.Shared {
		t.Error("shared: got false for a server on this machine")
	}
	if env.Network == nil || !env.Network.Loopback || env.Network.MTU == 0 {
		t.Errorf("network: got %+v, want loopback", env.Network)
	}
	if env.Target == nil || env.Target.Store != "latest" || env.Target.Cores != 64 {
		t.Errorf("target: got %+v, want what it told", env.Target)
	}
}

func TestSurveyOfNobodyKnown(t *testing.T) {
	s := Survey(t.Context(), "ws://:0:not a url", "v1", Access{})
	defer s.Close()
	if env := s.Environment; env.Target != nil || env.Network != nil || env.Shared {
		t.Errorf("got target %v, network %v, shared %v of what is no URL", env.Target, env.Network, env.Shared)
	}
	s.Begin(t.Context())
	if got := s.Stats(t.Context()); got.Schema != "" {
		t.Errorf("stats: got %+v", got)
	}
	if d := s.End(t.Context()); d.Foreign < 0 {
		t.Errorf("disturbance: got %+v", d)
	}
}

// A secret can stand anywhere in a URL, and in the process's own variables.
// None may reach a record, an error or the side channel of a server that the
// address didn't name.
func TestSecretsStayOut(t *testing.T) {
	const user, password, path, query, fragment, variable, token = "userHush1", "passHush2",
		"pathHush3f9a8b7c6d5", "queryHush4", "fragmentHush5", "variableHush6", "tokenHush7"
	t.Setenv("WSIMG_TOKEN", variable)
	var asked []string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			t.Errorf("authorization: got %q, want the token", got)
		}
		r.Header.Del("Authorization") // where it belongs
		b, _ := json.Marshal(r.Header)
		asked = append(asked, r.RequestURI+string(b))
		saying(`{"schema":"wsimg.stats/1","reply":"ack"}`)(w, r)
	})
	address = strings.Replace(address, "ws://", "ws://"+user+":"+password+"@", 1) +
		"/" + path + ";key=" + path + "/?token=" + query + "#" + fragment
	s := Survey(t.Context(), address, "v1", Access{Token: token})
	defer s.Close()
	s.Stats(t.Context())
	if len(asked) != 2 {
		t.Errorf("the side channel was asked %d times, want 2", len(asked))
	}
	s.channel.client.Transport = broken{}
	_, unread := s.channel.read(t.Context())
	_, unaudited := s.Audit(t.Context())
	saved, err := json.Marshal(record.Run{Environment: s.Environment, Settings: record.Settings{URL: Redacted(address)}})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{
		"the record":          string(saved),
		"the side channel":    strings.Join(asked, "\n"),
		"the error of Check":  Check(address).Error(),
		"that of Answers":     s.Answers(address, record.Echo).Error(),
		"that of the channel": unread.Error(),
		"that of Audit":       unaudited.Error(),
	} {
		for _, secret := range []string{user, password, path, query, fragment, variable, token} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s: %s", where, secret, text)
			}
		}
	}
}

// broken is the way to a server that can't be reached.
type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		target  *record.Target
		address string
		reply   string
		ok      bool
	}{
		"as expected":                {&record.Target{Reply: "echo"}, "ws://h/", "echo", true},
		"otherwise":                  {&record.Target{Reply: "ack"}, "ws://h/", "echo", false},
		"the address asks":           {&record.Target{Reply: "ack"}, "ws://h/?reply=echo", "echo", true},
		"it asks for something else": {&record.Target{Reply: "ack"}, "ws://h/?codec=std", "echo", false},
		"it does not tell":           {&record.Target{}, "ws://h/", "echo", true},
		"there is no side channel":   {nil, "ws://h/", "echo", true},
	} {
		s := &Site{Environment: record.Environment{Target: c.target}}
		err := s.Answers(c.address, c.reply)
		if c.ok && err != nil || !c.ok && !errors.Is(err, ErrReply) {
			t.Errorf("%s: got %v, want ErrReply: %v", name, err, !c.ok)
		}
	}
}
