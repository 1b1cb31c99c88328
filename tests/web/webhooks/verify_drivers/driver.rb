require ARGV[0]
File.foreach(ARGV[1], chomp: true) do |line|
  fields = line.split("\t", -1)
  if fields.length == 2
    headers = { "x-callboard-token" => fields[0] }.reject { |_, value| value == "-" }
    found = token?(headers, fields[1])
  elsif fields[0] == "timestamped"
    headers = { "x-callboard-signature" => fields[1] }.reject { |_, value| value == "-" }
    found = genuine?(headers, fields[4].unpack1("m"), fields[2], fields[3].to_i)
  elsif fields[0] == "sha256"
    headers = { "x-hub-signature-256" => fields[1] }.reject { |_, value| value == "-" }
    found = genuine?(headers, fields[3].unpack1("m"), fields[2])
  else
    names = %w[webhook-id webhook-timestamp webhook-signature]
    headers = names.zip(fields).to_h.reject { |_, value| value == "-" }
    found = genuine?(headers, fields[5].unpack1("m"), fields[3], fields[4].to_i)
  end
  puts found ? "yes" : "no"
end
