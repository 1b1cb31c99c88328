# The least of a Rails application around the example, for script/receivers.
require "action_controller/railtie"
require "active_job/railtie"
require "active_record"
require "rack/handler/puma"

ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: "callbacks.sqlite3")
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table(:received_callbacks, id: :string) { |t| t.binary :body, null: false }
end

class ReceivedCallback < ActiveRecord::Base; end

class CallbackJob < ActiveJob::Base
  def perform(id)
    puts "handled #{id} #{JSON.parse(ReceivedCallback.find(id).body)['type']}"
  end
end

class Receiver < Rails::Application
  config.eager_load = false
  config.hosts.clear
  config.secret_key_base = "of a test"
  config.logger = Logger.new($stderr, level: Logger::WARN)
  config.active_job.queue_adapter = :async
end

$stdout.sync = true
Receiver.initialize!
require File.expand_path("callbacks_controller", __dir__)
Receiver.routes.draw { post "/hook", to: "callbacks#create" }
Rack::Handler::Puma.run(Receiver, Host: "127.0.0.1", Port: ENV.fetch("PORT"), Silent: true)
